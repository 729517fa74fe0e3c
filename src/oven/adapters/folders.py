"""Folders that may not be there yet: what is known of them by the one that they would be made in."""

import os
import shutil
from pathlib import Path

MEMORY_FILE_SYSTEMS = {"tmpfs", "ramfs"}


def nearest(folder: Path) -> Path:
    """Give an absolute folder, or the nearest above it that is there."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def can_write_below(folder: Path) -> bool:
    """Whether files can be made in a folder, or the folder where it is missing."""
    place = nearest(folder)
    # What has no blocks, as /proc, is no place for files, whatever it says of root's rights.
    return place.is_dir() and os.access(place, os.W_OK | os.X_OK) and os.statvfs(place).f_blocks > 0


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(nearest(folder)).free


def is_in_memory(folder: Path) -> bool:
    """Whether a folder is, or would be made, on a file system in memory."""
    place = nearest(folder).resolve()
    kinds: dict[Path, str] = {}
    for line in Path("/proc/mounts").read_text().splitlines():
        _, mounted, kind, *_ = line.split()
        kinds[Path(mounted.encode().decode("unicode_escape"))] = kind
    return kinds[next(path for path in (place, *place.parents) if path in kinds)] in MEMORY_FILE_SYSTEMS
