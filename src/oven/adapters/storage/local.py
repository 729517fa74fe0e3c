"""A store in folders of this machine."""

import errno
import fcntl
import glob
import hashlib
import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import quote

import anyio

from oven.adapters.os_errors import translated
from oven.domain.errors import Code, FaultError
from oven.pipeline.ports import StagedObject, Storage, StoredObject
from oven.recipes.plan import Target

CHUNK_BYTES = 1_048_576
# An object under way is called .NAME.….part; of a long name so much is kept.
TEMPORARY = ".part"
NAME_KEPT = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalStorage(Storage):
    """The `Storage` port; `buckets` maps each bucket's name to its folder.

    `base_url` is where the folders are served.

    Objects are written beside their place and renamed into it, so nobody sees half of one.
    A folder keeps neither content types nor access rights: who serves it knows them from the job.
    """

    buckets: Mapping[str, Path]
    base_url: str = ""
    ends_with_jobs: bool = True

    async def delete(self, target: Target) -> None:
        await anyio.to_thread.run_sync(_delete, self.locate(target))

    async def check(self) -> None:
        for folder in self.buckets.values():
            await anyio.to_thread.run_sync(_check, folder)

    def url(self, target: Target) -> str:
        return f"{self.base_url}/{quote(target.key)}"

    @asynccontextmanager
    async def stage(
        self,
        target: Target,
        *,
        content_type: str,  # noqa: ARG002 - see the class
        is_public: bool,  # noqa: ARG002
    ) -> AsyncIterator[StagedObject]:
        staged = await anyio.to_thread.run_sync(_begin, self.locate(target))
        try:
            yield staged
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(staged.discard)

    def locate(self, target: Target) -> Path:
        """Give an object's path: below its bucket's folder, whatever the key says.

        Raises:
            FaultError: STORAGE_DENIED.

        """
        folder = self.buckets.get(target.bucket)
        if folder is None:
            raise FaultError(Code.STORAGE_DENIED, f"there is no bucket named {target.bucket}")
        parts = PurePosixPath(target.key).parts
        if not parts or parts[0] == "/" or ".." in parts or "\0" in target.key:
            raise FaultError(Code.STORAGE_DENIED, "the object's key is not a relative path below its bucket")
        return folder.joinpath(*parts)


@dataclass(slots=True, kw_only=True)
class _LocalObject(StagedObject):
    """An object under a temporary name beside its place."""

    place: Path
    temporary: Path
    file: BinaryIO
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    async def write(self, source: Path) -> None:
        await anyio.to_thread.run_sync(self._write, source)

    async def commit(self) -> StoredObject:
        return await anyio.to_thread.run_sync(self._commit)

    def discard(self) -> None:
        """Leave nothing under the temporary name; after a commit nothing stands there."""
        self.file.close()
        self.temporary.unlink(missing_ok=True)

    def _write(self, source: Path) -> None:
        with translated("writing an object"), source.open("rb") as opened:
            while chunk := opened.read(CHUNK_BYTES):
                self.digest.update(chunk)
                self.file.write(chunk)

    def _commit(self) -> StoredObject:
        with translated("storing an object"):
            self.file.flush()
            os.fsync(self.file.fileno())
            size_bytes = os.fstat(self.file.fileno()).st_size
            self.temporary.replace(self.place)
            _sync_folder(self.place.parent)
        return StoredObject(size_bytes=size_bytes, sha256=self.digest.hexdigest())


def _delete(place: Path) -> None:
    with translated("deleting an object"):
        place.unlink(missing_ok=True)


def _check(folder: Path) -> None:
    with translated("looking for the folder of outputs"):
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "permission denied", str(folder))


def _begin(place: Path) -> _LocalObject:
    with translated("storing an object"):
        place.parent.mkdir(parents=True, exist_ok=True)
        prefix = f".{place.name[:NAME_KEPT]}."
        for left in place.parent.glob(f"{glob.escape(prefix)}*{TEMPORARY}"):
            _remove_abandoned(left)
        temporary = place.with_name(f"{prefix}{secrets.token_hex(8)}{TEMPORARY}")
        file = temporary.open("xb")
        # The kernel drops the lock with the process: whoever can take it may remove the file.
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return _LocalObject(place=place, temporary=temporary, file=file)


def _remove_abandoned(temporary: Path) -> None:
    """Remove what a killed process was writing; what a living one writes is locked."""
    try:
        with temporary.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            temporary.unlink(missing_ok=True)
    except (BlockingIOError, FileNotFoundError):
        return


def _sync_folder(folder: Path) -> None:
    """Make a rename outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
