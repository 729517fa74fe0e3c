"""What an attack costs, and whether it gets anywhere: memory, disk, and traps that must not be sprung."""

import ctypes
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import anyio
from anyio.abc import SocketAttribute, SocketStream
from anyio.streams.stapled import MultiListener

from oven.adapters.metrics import disk_bytes

IN_OPEN = 0x20
HTTPS = 443
EVERY_S = 0.05


@dataclass(slots=True)
class Cost:
    """The highest of what was seen, in bytes: the daemon, its largest child, all of them, its work."""

    daemon: int = 0
    child: int = 0
    together: int = 0
    work: int = 0

    def look(self, process: int, work: Path) -> None:
        sizes = {pid: _resident_bytes(pid) for pid in family(process)}
        own = sizes.pop(process, 0)
        self.daemon = max(self.daemon, own)
        self.child = max(self.child, *sizes.values(), 0)
        self.together = max(self.together, own + sum(sizes.values()))
        self.work = max(self.work, disk_bytes(work))


@contextmanager
def again_and_again(look: Callable[[], None], *, every_s: float = EVERY_S) -> Iterator[None]:
    """Look from a thread of its own, until the block ends."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(every_s):
            look()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def measured(process: int, work: Path) -> Iterator[Cost]:
    """Measure a process, its children and its folder."""
    cost = Cost()
    with again_and_again(lambda: cost.look(process, work)):
        yield cost


@dataclass(slots=True)
class Canary:
    """A file that nobody may open, and an address that nobody may reach."""

    sung: list[str] = field(default_factory=list)
    port: int = 0


@asynccontextmanager
async def canary(file: Path, address: str) -> AsyncIterator[Canary]:
    """Set both traps; at the end they are sprung by hand, so that it is known that they work."""
    file.write_bytes(b"a secret that is nobody's business")
    bird = Canary()

    async def reached(stream: SocketStream) -> None:
        bird.sung.append(f"{address} was reached")
        await stream.aclose()

    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_NONBLOCK)
    if watch < 0 or libc.inotify_add_watch(watch, bytes(file), IN_OPEN) < 0:
        raise OSError(ctypes.get_errno(), "the file cannot be watched")

    def opened() -> bool:
        with suppress(BlockingIOError):
            return bool(os.read(watch, 4096))
        return False

    try:
        async with await _listen(address) as listener:
            bird.port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - no Django
            async with anyio.create_task_group() as group:
                group.start_soon(listener.serve, reached)
                yield bird
                if opened():
                    bird.sung.append(f"{file.name} was opened")
                file.read_bytes()
                before = len(bird.sung)
                async with await anyio.connect_tcp(address, bird.port) as stream:
                    with suppress(anyio.EndOfStream):
                        await stream.receive()
                if not opened() or bird.sung[before:] != [f"{address} was reached"]:
                    bird.sung.append("the traps do not work")
                del bird.sung[before]
                group.cancel_scope.cancel()
    finally:
        os.close(watch)


async def _listen(address: str) -> MultiListener[SocketStream]:
    """Listen where https leads by itself, if we may; else somewhere."""
    try:
        return await anyio.create_tcp_listener(local_host=address, local_port=HTTPS)
    except OSError:
        return await anyio.create_tcp_listener(local_host=address)


def family(process: int) -> list[int]:
    """Give a process and all that descend from it."""
    found, left = [], [process]
    while left:
        pid = left.pop()
        found.append(pid)
        with suppress(OSError):
            for thread in Path(f"/proc/{pid}/task").iterdir():
                left += [int(child) for child in (thread / "children").read_text().split()]
    return found


def _resident_bytes(pid: int) -> int:
    with suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0
