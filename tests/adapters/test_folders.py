"""Folders that may not be there yet."""

import shutil
from pathlib import Path

from oven.adapters.folders import can_write_below, free_bytes, is_in_memory, nearest


def test_the_nearest_that_is_there(tmp_path: Path) -> None:
    """Itself, or one above it."""
    assert nearest(tmp_path) == tmp_path
    assert nearest(tmp_path / "a" / "b") == tmp_path


def test_where_files_can_be_made(tmp_path: Path) -> None:
    """Not below a file, nor where there is no disk."""
    (tmp_path / "file").write_bytes(b"")
    assert can_write_below(tmp_path / "a" / "b")
    assert not can_write_below(tmp_path / "file" / "a")
    assert not can_write_below(Path("/proc/x"))


def test_room(tmp_path: Path) -> None:
    """That of the disk on which it would be."""
    assert abs(free_bytes(tmp_path / "a") - shutil.disk_usage(tmp_path).free) < 1 << 30


def test_folders_in_memory() -> None:
    """Told by their file systems, also of folders that are not there yet; a link is followed."""
    assert is_in_memory(Path("/dev/shm/not/yet"))  # noqa: S108 - not made
    assert not is_in_memory(Path("/usr"))
