"""The world of an import at bounded rates, as a process of its own: a host of one file, a store's wire.

`python -m benchmarks.wires FILE UPSTREAM_PORT DOWN UP LATENCY_MS`: rates in MB/s, 0 for none.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import anyio
from aiohttp import web

from tests.serving import serving

MB = 1_000_000
CHUNK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Wires:
    """Where the file and the store are to be asked for."""

    file_url: str
    store_url: str


@contextmanager
def running_wires(
    file: Path, upstream: str, *, down: float = 0, up: float = 0, latency_ms: float = 0
) -> Iterator[Wires]:
    """Give a file at `down` MB/s, and lead to the store at `upstream` at `up` MB/s, in all."""
    port = upstream.rpartition(":")[2]
    words = [sys.executable, "-m", "benchmarks.wires", str(file), port, str(down), str(up), str(latency_ms)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ourselves
        try:
            if process.stdout is None:
                raise RuntimeError("no way to hear of the ports")
            host, store = process.stdout.readline().split()
            yield Wires(
                file_url=f"http://127.0.0.1:{host}/{file.name}", store_url=f"http://127.0.0.1:{store}"
            )
        finally:
            process.kill()


@dataclass(slots=True)
class Rate:
    """Lets so many bytes a second through, over however many connections; 0 lets all through."""

    bytes_s: float
    _free_at: float = field(default=0.0)

    async def pass_through(self, size_bytes: int) -> None:
        if not self.bytes_s:
            return
        now = asyncio.get_running_loop().time()
        self._free_at = max(self._free_at, now) + size_bytes / self.bytes_s
        # Sleeps are never exact: what is owed adds up to one that is worth it.
        if self._free_at - now > 0.005:
            await asyncio.sleep(self._free_at - now)


@dataclass(frozen=True, slots=True)
class StoreWire:
    """Passes bytes on, of however many connections; each answer begins so much later."""

    port: int
    rate: Rate
    latency_s: float

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            there, back = await asyncio.open_connection("127.0.0.1", self.port)
            asked = asyncio.Event()
            with suppress(ExceptionGroup):
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._send(reader, back, asked))
                    group.create_task(self._answer(there, writer, asked))
            back.close()
        writer.close()

    async def _send(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: asyncio.Event
    ) -> None:
        while chunk := await reader.read(CHUNK_BYTES):
            asked.set()
            await self.rate.pass_through(len(chunk))
            writer.write(chunk)
            await writer.drain()
        writer.close()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: asyncio.Event
    ) -> None:
        while chunk := await reader.read(CHUNK_BYTES):
            if asked.is_set():
                asked.clear()
                await asyncio.sleep(self.latency_s)
            writer.write(chunk)
            await writer.drain()
        writer.close()


async def _serve(content: bytes, port: int, down: float, up: float, latency_ms: float) -> None:

    async def give(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(content)), "ETag": '"the one"'})
        await response.prepare(request)
        # Of one download alone: a host does not slow down because there are two.
        rate = Rate(down * MB)
        for start in range(0, len(content), CHUNK_BYTES):
            chunk = content[start : start + CHUNK_BYTES]
            await rate.pass_through(len(chunk))
            await response.write(chunk)
        return response

    app = web.Application()
    app.router.add_get("/{path:.*}", give)
    wire = StoreWire(port, Rate(up * MB), latency_ms / 1_000)
    store = await asyncio.start_server(wire.connect, "127.0.0.1", 0)
    async with serving(app) as host_port:
        print(host_port, store.sockets[0].getsockname()[1], flush=True)
        await anyio.sleep_forever()


if __name__ == "__main__":
    path, upstream_port, *bounds = sys.argv[1:]
    down_mb_s, up_mb_s, wait_ms = map(float, bounds)
    anyio.run(_serve, Path(path).read_bytes(), int(upstream_port), down_mb_s, up_mb_s, wait_ms)
