"""An object on its way into a folder of this machine."""

import fcntl
import glob
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import anyio

from oven.adapters.os_errors import translated
from oven.adapters.storage.fetching import version_of
from oven.adapters.storage.following import follow
from oven.pipeline.growing import Growing
from oven.pipeline.storage import StagedObject, StoredObject

CHUNK_BYTES = 1_048_576
# An object under way is called .NAME.….part; of a long name so much is kept.
TEMPORARY = ".part"
NAME_KEPT = 60


@dataclass(slots=True, kw_only=True)
class LocalObject(StagedObject):
    """An object under a temporary name beside its place."""

    place: Path
    temporary: Path
    file: BinaryIO
    sha256: str = ""

    async def write(self, source: Path, growing: Growing | None = None) -> None:
        async with follow(source, growing) as following:
            while chunk := await following.read(CHUNK_BYTES):
                await anyio.to_thread.run_sync(self.append, chunk)
            self.sha256 = following.digest.hexdigest()

    async def commit(self) -> StoredObject:
        return await anyio.to_thread.run_sync(self.settle)

    def discard(self) -> None:
        """Leave nothing under the temporary name; after a commit nothing stands there."""
        # What it still holds back need not reach a disk that may be full.
        with suppress(OSError):
            self.file.close()
        self.temporary.unlink(missing_ok=True)

    def append(self, chunk: bytes) -> None:
        """Write on, in a thread."""
        with translated("writing an object"):
            self.file.write(chunk)

    def settle(self) -> StoredObject:
        """Commit, in a thread."""
        with translated("storing an object"):
            self.file.flush()
            os.fsync(self.file.fileno())
            found = os.fstat(self.file.fileno())
            self.temporary.replace(self.place)
            sync_folder(self.place.parent)
        return StoredObject(size_bytes=found.st_size, sha256=self.sha256, version=version_of(found))


def begin(place: Path) -> LocalObject:
    """Begin an object, in a thread; what a killed process had begun of it goes.

    Raises:
        OvenError: DISK_FULL, STORAGE_DENIED.

    """
    with translated("storing an object"):
        place.parent.mkdir(parents=True, exist_ok=True)
        prefix = f".{place.name[:NAME_KEPT]}."
        for left in place.parent.glob(f"{glob.escape(prefix)}*{TEMPORARY}"):
            _remove_abandoned(left)
        while True:
            temporary = place.with_name(f"{prefix}{secrets.token_hex(8)}{TEMPORARY}")
            file = temporary.open("xb")
            if _lock(file) and temporary.exists():
                return LocalObject(place=place, temporary=temporary, file=file)
            # Another who stores here took it for abandoned before it was locked.
            file.close()
            temporary.unlink(missing_ok=True)


def take_back(folders: Sequence[Path]) -> int:
    """Remove what killed processes had begun in folders, in a thread → how many objects that were.

    Raises:
        OvenError: STORAGE_DENIED.

    """
    with translated("looking for abandoned objects"):
        return sum(
            _remove_abandoned(temporary)
            for folder in folders
            for temporary in folder.rglob(f".*{TEMPORARY}")
            if temporary.is_file()
        )


def _remove_abandoned(temporary: Path) -> bool:
    """Remove what a killed process was writing; what a living one writes is locked."""
    try:
        with temporary.open("rb") as file:
            if not _lock(file):
                return False
            temporary.unlink(missing_ok=True)
    except FileNotFoundError:
        return False
    return True


def _lock(file: BinaryIO) -> bool:
    """Whether a file is ours now; the kernel drops the lock with the process."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def sync_folder(folder: Path) -> None:
    """Make a rename outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
