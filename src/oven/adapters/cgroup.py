"""What the machine's operator lets this process have: the limits of its control groups."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def memory_limit(
    listed: Path = Path("/proc/self/cgroup"), mounted: Path = Path("/sys/fs/cgroup")
) -> int | None:
    """Give the bytes that our control groups may use, the smallest of them and those above; None if any."""
    limits = []
    for file in _limit_files(listed, mounted):
        # A container may not see the folder of its own group, and not every group has a limit ("max").
        with suppress(OSError, ValueError):
            limits.append(int(file.read_text()))
    return min(limits, default=None)


def _limit_files(listed: Path, mounted: Path) -> Iterator[Path]:
    """Name the files that may hold a limit: of version 2, and of version 1 where that has the memory."""
    with suppress(OSError):
        for line in listed.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if not controllers:
                top, name = mounted, "memory.max"
            elif "memory" in controllers.split(","):
                top, name = mounted / "memory", "memory.limit_in_bytes"
            else:
                continue
            group = top / path.lstrip("/")
            yield from (folder / name for folder in (group, *group.parents) if folder.is_relative_to(top))
