"""A stored object on its way to a file of this machine."""

import hashlib
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import anyio

from oven.adapters.os_errors import translated
from oven.domain.errors import BadInputError, Code, TransientError
from oven.pipeline.ports import Report
from oven.pipeline.storage import Piece

FETCHING = "fetching an object"
CHUNK_BYTES = 1_048_576


@dataclass(slots=True, kw_only=True)
class Fetched:
    """A file that is written piece by piece, with its digest."""

    file: BinaryIO
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    size_bytes: int = 0

    async def write(self, chunk: bytes) -> None:
        await anyio.to_thread.run_sync(self._write, chunk)
        self.size_bytes += len(chunk)

    def as_json(self) -> Mapping[str, Any]:
        """Give what `Storage.fetch` gives."""
        return {"sha256": self.digest.hexdigest(), "sizeBytes": self.size_bytes}

    def _write(self, chunk: bytes) -> None:
        with translated(FETCHING):
            self.digest.update(chunk)
            self.file.write(chunk)


@asynccontextmanager
async def open_fetched(into: Path) -> AsyncIterator[Fetched]:
    """Begin a file.

    Raises:
        OvenError: DISK_FULL, STORAGE_DENIED.

    """
    with translated(FETCHING):
        opened = await anyio.to_thread.run_sync(into.open, "wb")
    with opened:
        yield Fetched(file=opened)
        # A full disk may only show here.
        with translated(FETCHING):
            await anyio.to_thread.run_sync(opened.close)


def take_from_folder(place: Path, into: Path, max_bytes: int, report: Report) -> Mapping[str, Any]:
    """Make `into` stand for a file of a folder, in a thread → what `Storage.fetch` gives.

    It is linked where it can be: an object is replaced by another file, and never changed.

    Raises:
        BadInputError: NOT_FOUND, DOWNLOAD_TOO_LARGE.
        OvenError: DISK_FULL, STORAGE_DENIED.

    """
    with translated(FETCHING):
        try:
            is_linked = _link(place, into)
            opened = (into if is_linked else place).open("rb")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise gone() from error
    with translated(FETCHING), opened, nullcontext() if is_linked else into.open("wb") as copy:
        size_bytes, read_bytes, digest = os.fstat(opened.fileno()).st_size, 0, hashlib.sha256()
        check_size(size_bytes, max_bytes)
        while chunk := opened.read(CHUNK_BYTES):
            anyio.from_thread.check_cancelled()
            digest.update(chunk)
            if copy is not None:
                copy.write(chunk)
            read_bytes += len(chunk)
            anyio.from_thread.run_sync(report, read_bytes / size_bytes)
    return {"sha256": digest.hexdigest(), "sizeBytes": read_bytes}


def link_from_folder(place: Path, into: Path) -> None:
    """Make `into` stand for a file of a folder, in a thread, without a look into it.

    Raises:
        BadInputError: NOT_FOUND.
        OvenError: STORAGE_DENIED, DISK_FULL.

    """
    with translated(FETCHING):
        if not place.is_file():
            raise gone()
        try:
            if not _link(place, into):
                # On another disk: who replaces the object leaves what is open as it is.
                into.symlink_to(place.absolute())
        except FileNotFoundError as error:
            raise gone() from error


def read_from_folder(place: Path, start: int, length: int, version: str) -> Piece:
    """Read some bytes of a file of a folder, in a thread → what `Storage.read` gives.

    Raises:
        BadInputError: NOT_FOUND.
        TransientError: DOWNLOAD_CHANGED.
        OvenError: STORAGE_DENIED.

    """
    with translated(FETCHING):
        try:
            opened = place.open("rb")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise gone() from error
        with opened:
            found = os.fstat(opened.fileno())
            # An object is replaced by another file, and never changed.
            is_version = version_of(found)
            if version not in {"", is_version} or start >= found.st_size:
                raise changed()
            data = os.pread(opened.fileno(), length, start)
    return Piece(data=data, object_bytes=found.st_size, version=is_version)


def version_of(found: os.stat_result) -> str:
    """Tell a file from any other that ever stood in its place."""
    return f"{found.st_dev}-{found.st_ino}-{found.st_mtime_ns}"


def check_size(size_bytes: int, max_bytes: int) -> None:
    """Refuse an object that is larger than it may be.

    Raises:
        BadInputError: DOWNLOAD_TOO_LARGE.

    """
    if size_bytes > max_bytes:
        raise BadInputError(
            Code.DOWNLOAD_TOO_LARGE, f"the object has more than {max_bytes:,} bytes, which is the limit"
        )


def gone() -> BadInputError:
    return BadInputError(
        Code.NOT_FOUND, "the object is not in the store any more", hint="Store it again, and start anew."
    )


def changed() -> TransientError:
    return TransientError(
        Code.DOWNLOAD_CHANGED, "the object was replaced while it was read, or is shorter than it was"
    )


def _link(place: Path, into: Path) -> bool:
    """Whether a file could be linked: not to another disk, nor on every file system."""
    try:
        os.link(place, into)
    except FileNotFoundError:
        raise
    except OSError:
        return False
    return True
