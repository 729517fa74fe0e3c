"""What the pipeline asks of files of this machine."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol


class Files(Protocol):
    """Files of this machine."""

    async def adopt(self, source: Path, into: Path, *, max_bytes: int) -> Mapping[str, Any]:
        """Make `into` stand for `source` without copying it → {"sha256", "sizeBytes"}.

        Raises:
            OvenError: NOT_FOUND, ZIP_TOO_LARGE.

        """
        ...

    async def read_json(self, source: Path, *, max_values: int) -> Any:
        """Parse a JSON file strictly: UTF-8, finite numbers, bounded size and depth.

        Raises:
            ValueError: with a reason that says nothing of paths.

        """
        ...

    async def read_head(self, source: Path, size_bytes: int) -> bytes:
        """Give a file's first bytes, so many at most."""
        ...

    async def lay_out(self, links: Sequence[tuple[Path, Path, int | None]]) -> None:
        """Make (source, destination, file time in ns) links, with a copy where a file time would clash."""
        ...

    async def write_at(self, file: Path, pieces: Mapping[int, bytes], *, size_bytes: int) -> None:
        """Write pieces of a file to their places; what is between them takes no room, and reads as zeros.

        The file is made where there is none, and has the size that is told.

        Raises:
            OvenError: DISK_FULL, STORAGE_DENIED.

        """
        ...

    async def read_all(self, file: Path) -> bytes:
        """Give a small file of our own; nothing where there is none."""
        ...

    async def remove(self, folder: Path) -> None:
        """Remove a folder of our own with all that is in it."""
        ...
