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
            seen.peak = max(seen.peak, peak_bytes(pid), _of_all(pid))

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
    return sum(resident_bytes(each) for each in tree(pid))


def tree(pid: int) -> list[int]:
    """Give a process and those that it has started, and theirs."""
    found = [pid]
    # A child may end while it is looked at.
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += tree(int(child))
    return found


def resident_bytes(pid: int) -> int:
    """Give what a process holds, with what it shares with others; 0 of one that has ended."""
    with suppress(OSError, IndexError):
        return _status(pid, "VmRSS")
    return 0


def own_bytes(pid: int) -> int:
    """Give what a process holds, and its part of what it shares (PSS); 0 of one that has ended."""
    with suppress(OSError, IndexError):
        said = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return int(said.split("Pss:", 1)[1].split()[0]) * 1024
    return 0


def peak_bytes(pid: int) -> int:
    """Give what a process has held at most until now; 0 of one that has ended."""
    with suppress(OSError, IndexError):
        return _status(pid, "VmHWM")
    return 0


def _status(pid: int, name: str) -> int:
    said = Path(f"/proc/{pid}/status").read_text()
    return int(said.split(f"{name}:", 1)[1].split()[0]) * 1024
