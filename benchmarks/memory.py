"""What memory a process and its children hold, watched while something happens."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PAUSE_S = 0.01
# Written to clear_refs: the highest that was resident is counted anew (man 5 proc).
RESET_PEAK = "5"


@dataclass(slots=True, kw_only=True)
class Watched:
    """Resident bytes: of the process, before and at most; and of it with its children, in samples."""

    before: int
    all_before: int
    peak: int = 0
    all_peak: int = 0


@dataclass(slots=True)
class Sampled:
    """Resident bytes of a process with its children, at most."""

    peak: int = 0


@contextmanager
def sampled(pid: int) -> Iterator[Sampled]:
    """Look at a process and its children while the block lasts."""
    seen, ended = Sampled(), threading.Event()

    def watch() -> None:
        while not ended.wait(PAUSE_S):
            seen.peak = max(seen.peak, _of_all(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        ended.set()
        watcher.join()


@contextmanager
def watching(pid: int) -> Iterator[Watched]:
    """Watch a process while the block lasts; what it gives is whole after it."""
    Path(f"/proc/{pid}/clear_refs").write_text(RESET_PEAK)
    watched = Watched(before=_status(pid, "VmRSS"), all_before=_of_all(pid))
    try:
        with sampled(pid) as seen:
            yield watched
    finally:
        watched.all_peak, watched.peak = seen.peak, _status(pid, "VmHWM")


def _of_all(pid: int) -> int:
    total = 0
    # A child may end while it is looked at.
    with suppress(OSError, IndexError):
        total = _status(pid, "VmRSS")
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += sum(_of_all(int(child)) for child in (task / "children").read_text().split())
    return total


def _status(pid: int, name: str) -> int:
    said = Path(f"/proc/{pid}/status").read_text()
    return int(said.split(f"{name}:", 1)[1].split()[0]) * 1024
