"""Several stores as one: each bucket's objects go to where the bucket is."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio

from oven.domain.errors import Code, FaultError, OvenError
from oven.pipeline.ports import Report
from oven.pipeline.storage import Piece, StagedObject, Storage, StoredObject
from oven.recipes.steps import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageRouter(Storage):
    """The `Storage` port over one store a bucket; `stores` maps buckets' names to them."""

    stores: Mapping[str, Storage]

    def url(self, target: Target) -> str:
        return self._of(target).url(target)

    def ends_with_jobs(self, target: Target) -> bool:
        return target.bucket in self.stores and self._of(target).ends_with_jobs(target)

    def stage(
        self, target: Target, *, content_type: str, is_public: bool, cache_control: str = ""
    ) -> AbstractAsyncContextManager[StagedObject]:
        return self._of(target).stage(
            target, content_type=content_type, is_public=is_public, cache_control=cache_control
        )

    async def presign(self, target: Target, *, expires_s: int, filename: str = "") -> str:
        return await self._of(target).presign(target, expires_s=expires_s, filename=filename)

    async def size_bytes(self, target: Target) -> int | None:
        return await self._of(target).size_bytes(target)

    async def version(self, target: Target) -> str:
        return await self._of(target).version(target)

    def can_copy(self, source: Target, target: Target) -> bool:
        return source.bucket in self.stores and self._of(target).can_copy(source, target)

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
        return await self._of(target).copy(
            source,
            stored,
            target,
            content_type=content_type,
            is_public=is_public,
            cache_control=cache_control,
        )

    async def fetch(self, target: Target, into: Path, *, max_bytes: int, report: Report) -> Mapping[str, Any]:
        return await self._of(target).fetch(target, into, max_bytes=max_bytes, report=report)

    async def link(self, target: Target, into: Path) -> bool:
        return await self._of(target).link(target, into)

    async def read(self, target: Target, *, start: int, length: int, version: str = "") -> Piece:
        return await self._of(target).read(target, start=start, length=length, version=version)

    async def begin_parts(self, target: Target, *, content_type: str) -> str:
        return await self._of(target).begin_parts(target, content_type=content_type)

    async def presign_part(
        self, target: Target, upload_id: str, number: int, *, expires_s: int, size_bytes: int | None = None
    ) -> str:
        return await self._of(target).presign_part(
            target, upload_id, number, expires_s=expires_s, size_bytes=size_bytes
        )

    async def finish_parts(
        self, target: Target, upload_id: str, *, max_bytes: int, min_bytes: int = 0
    ) -> int:
        return await self._of(target).finish_parts(
            target, upload_id, max_bytes=max_bytes, min_bytes=min_bytes
        )

    async def abort_parts(self, target: Target, upload_id: str) -> None:
        await self._of(target).abort_parts(target, upload_id)

    async def delete(self, target: Target) -> None:
        await self._of(target).delete(target)

    async def take_back(self, is_abandoned: Callable[[Target], Awaitable[bool]]) -> int:
        return sum([await store.take_back(is_abandoned) for store in self._stores()])

    async def check(self) -> None:
        failures: list[OvenError] = []

        async def look(store: Storage) -> None:
            try:
                await store.check()
            except OvenError as error:
                failures.append(error)

        async with anyio.create_task_group() as group:
            for store in self._stores():
                group.start_soon(look, store)
        if failures:
            raise failures[0]

    def _stores(self) -> Collection[Storage]:
        """Give each store once, however many buckets it has."""
        return {id(store): store for store in self.stores.values()}.values()

    def _of(self, target: Target) -> Storage:
        store = self.stores.get(target.bucket)
        if store is None:
            raise FaultError(
                Code.STORAGE_DENIED,
                f"there is no bucket named {target.bucket}",
                hint="Compare the bucket settings with those that the job was accepted under.",
            )
        return store
