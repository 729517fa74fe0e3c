"""A store in folders of this machine."""

import errno
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import anyio

from oven.adapters.folders import can_write_below
from oven.adapters.os_errors import translated
from oven.adapters.storage.addresses import parts_of_key
from oven.adapters.storage.fetching import (
    changed,
    link_from_folder,
    read_from_folder,
    take_from_folder,
    version_of,
)
from oven.adapters.storage.local_object import LocalObject, begin, take_back
from oven.adapters.storage.local_parts import LocalParts
from oven.domain.errors import Code, FaultError, NotFoundError
from oven.domain.parts import gone
from oven.domain.signing import is_signed, sign_link
from oven.pipeline.ports import Report
from oven.pipeline.storage import Piece, Storage, StoredObject
from oven.recipes.steps import Target

# What the query of a link holds.
LINK = ("bucket", "filename", "expires", "signature")

# Among the private buckets, whose names begin otherwise.
UPLOADS = ".uploads"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalStorage(Storage):
    """The `Storage` port; `buckets` maps each bucket's name to its folder.

    `base_url` is where the folders are served.

    Private objects stand in a folder of their own, below `private`, and are opened by signed links alone.
    Objects are written beside their place and renamed into it, so nobody sees half of one.
    A folder keeps no content types: who serves it knows them from the names.
    """

    buckets: Mapping[str, Path]
    base_url: str = ""
    private: Path | None = None
    link_key: bytes = field(default=b"", repr=False)
    now_s: Callable[[], int] = field(default=lambda: 0)

    def ends_with_jobs(self, _: Target) -> bool:
        return True

    async def presign(self, target: Target, *, expires_s: int, filename: str = "") -> str:
        until_s = self.now_s() + expires_s
        signature = sign_link(self.link_key, target.bucket, target.key, filename, expires_s=until_s)
        query = {"bucket": target.bucket, "filename": filename, "expires": until_s, "signature": signature}
        return f"{self.url(target)}?{urlencode({name: value for name, value in query.items() if value})}"

    async def size_bytes(self, target: Target) -> int | None:
        return await anyio.to_thread.run_sync(lambda: _size_bytes(self._place(target)))

    async def version(self, target: Target) -> str:
        return await anyio.to_thread.run_sync(lambda: _version(self._place(target)))

    def can_copy(self, source: Target, target: Target) -> bool:
        return {source.bucket, target.bucket} <= self.buckets.keys()

    async def copy(
        self,
        source: Target,
        stored: StoredObject,
        target: Target,
        *,
        content_type: str,
        is_public: bool,
        cache_control: str = "",
    ) -> StoredObject:
        if await self.version(source) != stored.version:
            raise changed()
        if source == target:
            return stored
        staging = self.stage(
            target, content_type=content_type, is_public=is_public, cache_control=cache_control
        )
        async with staging as staged:
            await staged.write(await anyio.to_thread.run_sync(self._place, source))
            if staged.sha256 != stored.sha256:
                raise changed()
            return await staged.commit()

    async def fetch(self, target: Target, into: Path, *, max_bytes: int, report: Report) -> Mapping[str, Any]:
        return await anyio.to_thread.run_sync(
            lambda: take_from_folder(self._place(target), into, max_bytes, report)
        )

    async def link(self, target: Target, into: Path) -> bool:
        await anyio.to_thread.run_sync(lambda: link_from_folder(self._place(target), into))
        return True

    async def read(self, target: Target, *, start: int, length: int, version: str = "") -> Piece:
        return await anyio.to_thread.run_sync(
            lambda: read_from_folder(self._place(target), start, length, version)
        )

    async def begin_parts(self, target: Target, *, content_type: str) -> str:  # noqa: ARG002 - see the class
        self.locate(target, is_public=False)
        return await anyio.to_thread.run_sync(self._parts().begin, target)

    async def presign_part(
        self, target: Target, upload_id: str, number: int, *, expires_s: int, size_bytes: int | None = None
    ) -> str:
        query = self._parts().sign(target, upload_id, number, expires_s=expires_s, size_bytes=size_bytes)
        return f"{self.url(target)}?{query}"

    async def take_part(self, key: str, query: Mapping[str, str], chunks: AsyncIterator[bytes]) -> str:
        """Take a part that is put to a link of `presign_part`; see `LocalParts.take`."""
        return await self._parts().take(key, query, chunks)

    async def finish_parts(
        self, target: Target, upload_id: str, *, max_bytes: int, min_bytes: int = 0
    ) -> int:
        place = self.locate(target, is_public=False)
        join = partial(self._parts().join, target, upload_id, place, max_bytes=max_bytes, min_bytes=min_bytes)
        size_bytes = await anyio.to_thread.run_sync(join)
        if size_bytes is None:
            size_bytes = await anyio.to_thread.run_sync(_size_bytes, place)
        if size_bytes is None:
            raise gone()
        return size_bytes

    async def abort_parts(self, target: Target, upload_id: str) -> None:  # noqa: ARG002 - ids are unique
        await anyio.to_thread.run_sync(self._parts().drop, upload_id)

    async def delete(self, target: Target) -> None:
        for is_public in (True, False):
            if is_public or self.private is not None:
                await anyio.to_thread.run_sync(_delete, self.locate(target, is_public=is_public))

    def open_link(self, key: str, query: Mapping[str, str]) -> Path:
        """Find the object of a link that was given by `presign`.

        Raises:
            NotFoundError: NOT_FOUND, also for a link that is not ours or has expired.

        """
        bucket, filename, expires, signature = (query.get(name, "") for name in LINK)
        said = (bucket, key, filename)
        if not is_signed(self.link_key, *said, expires=expires, signature=signature, now_s=self.now_s()):
            raise NotFoundError(Code.NOT_FOUND, "this link has expired, or is not one of this Oven")
        return self._place(Target(bucket, key))

    async def take_back(self, is_abandoned: Callable[[Target], Awaitable[bool]]) -> int:
        # What a living process writes is locked, so the rest is abandoned; of what clients send others know.
        folders = [*self.buckets.values(), *filter(None, [self.private])]
        count = await anyio.to_thread.run_sync(take_back, folders)
        if self.private is not None:
            parts = self._parts()
            for upload_id, target in (await anyio.to_thread.run_sync(parts.uploads)).items():
                if await is_abandoned(target):
                    await anyio.to_thread.run_sync(parts.drop, upload_id)
                    count += 1
        return count

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
        is_public: bool,
        cache_control: str = "",  # noqa: ARG002
    ) -> AsyncIterator[LocalObject]:
        staged = await anyio.to_thread.run_sync(begin, self.locate(target, is_public=is_public))
        try:
            yield staged
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(staged.discard)

    def locate(self, target: Target, *, is_public: bool = True) -> Path:
        """Give an object's path: below its bucket's folder, whatever the key says.

        Raises:
            FaultError: STORAGE_DENIED.

        """
        folder = self.buckets.get(target.bucket)
        if not is_public and folder is not None:
            folder = self.private and self.private / target.bucket
        if folder is None:
            raise FaultError(Code.STORAGE_DENIED, f"there is no bucket named {target.bucket}")
        return folder.joinpath(*parts_of_key(target.key))

    def _parts(self) -> LocalParts:
        if self.private is None:
            raise FaultError(Code.STORAGE_DENIED, "there is no folder for private objects")
        return LocalParts(folder=self.private / UPLOADS, link_key=self.link_key, now_s=self.now_s)

    def _place(self, target: Target) -> Path:
        """Find an object, among the private ones first; in a thread, for it looks at the disk."""
        private = self.private and self.locate(target, is_public=False)
        return private if private is not None and private.is_file() else self.locate(target)


def _size_bytes(place: Path) -> int | None:
    with translated("looking for an object"):
        return place.stat().st_size if place.is_file() else None


def _version(place: Path) -> str:
    with translated("looking for an object"):
        return version_of(place.stat()) if place.is_file() else ""


def _delete(place: Path) -> None:
    with translated("deleting an object"):
        place.unlink(missing_ok=True)


def _check(folder: Path) -> None:
    with translated("looking for the folder of outputs"):
        if not can_write_below(folder):
            raise PermissionError(errno.EACCES, "permission denied", str(folder))
