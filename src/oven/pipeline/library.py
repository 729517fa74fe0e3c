"""What users may do with their assets, whichever door they come through.

Where a method takes an `owner`, it is whose assets there are for who asks: None for all.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

from oven.domain.asset import Asset, AssetStatus, NewAsset
from oven.domain.errors import Code, ConflictError, FaultError, NotFoundError, OvenError
from oven.pipeline.assets import AssetEdit, AssetFilter, Assets
from oven.pipeline.service import Service
from oven.pipeline.storage import Storage
from oven.recipes.steps import Target

# Addresses of what is private are good for an hour.
EXPIRES_S = 3_600
# Links for uploads are good for a day: large files take long.
UPLOAD_S = 86_400
log = structlog.get_logger("oven.storage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Lists, shows, changes and deletes assets; `service` has the jobs that bring them."""

    assets: Assets
    service: Service
    storage: Storage
    now_ms: Callable[[], int]

    async def get(self, asset_id: str, *, owner: str | None) -> Asset:
        """Find an asset.

        Raises:
            NotFoundError: NOT_FOUND, there is none, it was deleted, or it is another's.

        """
        return _found(await self.assets.get(asset_id, owner=owner))

    async def page(
        self,
        wanted: AssetFilter,
        *,
        owner: str | None,
        before: tuple[int, str] | None = None,
        limit: int,
    ) -> list[Asset]:
        """List assets, newest first, as `Assets.page` does."""
        return await self.assets.page(wanted, owner=owner, before=before, limit=limit)

    async def edit(self, asset_id: str, edit: AssetEdit, *, owner: str | None) -> Asset:
        """Change what is the user's to change.

        Raises:
            NotFoundError: NOT_FOUND.
            BadInputError: FIELD_INVALID, the metadata would become too large.

        """
        return _found(await self.assets.edit(asset_id, edit, owner=owner, now_ms=self.now_ms()))

    async def delete(self, asset_id: str, *, owner: str | None) -> Asset:
        """Let nobody find an asset any more; what brings it is cancelled, its objects go later.

        Raises:
            NotFoundError: NOT_FOUND.

        """
        asset = _found(await self.assets.delete(asset_id, owner=owner, now_ms=self.now_ms()))
        if asset.job_id:
            # It has ended, is about to, or was forgotten: as good.
            with suppress(ConflictError, NotFoundError):
                await self.service.cancel(asset.job_id, owner=None)
        return asset

    async def pending(self, asset_id: str, *, owner: str | None) -> Asset:
        """Find an asset that waits for its upload.

        Raises:
            NotFoundError: NOT_FOUND.
            ConflictError: ASSET_CONFLICT, it waits for none.

        """
        asset = await self.get(asset_id, owner=owner)
        if asset.status is not AssetStatus.PENDING_UPLOAD:
            raise ConflictError(Code.ASSET_CONFLICT, f"the asset is {asset.status}; it waits for no upload")
        return asset

    async def begin_upload(self, new: NewAsset, *, content_type: str) -> Asset:
        """Announce an asset that its client sends in parts.

        Raises:
            ConflictError: ASSET_CONFLICT, there is one with this id.
            OvenError: STORAGE_DENIED, UPLOAD_…, the store does not take it.

        """
        target = Target(new.bucket, new.key)
        upload = await self.storage.begin_parts(target, content_type=content_type)
        try:
            return await self.assets.add(replace(new, upload=upload), now_ms=self.now_ms())
        except OvenError:
            await self.storage.abort_parts(target, upload)
            raise

    async def part_links(self, asset: Asset, sizes: Sequence[int]) -> list[str]:
        """Give the addresses that parts of these sizes, in bytes, are put to, in their order."""
        target = Target(asset.bucket, asset.key)
        return [
            await self.storage.presign_part(
                target, asset.upload, number, expires_s=UPLOAD_S, size_bytes=size_bytes
            )
            for number, size_bytes in enumerate(sizes, start=1)
        ]

    async def end_upload(self, asset: Asset, *, size_bytes: int) -> None:
        """Let the parts of an asset be one object; nobody is told of it before it is proved.

        Raises:
            BadInputError: UPLOAD_INCOMPLETE, UPLOAD_TOO_LARGE: not so many bytes have arrived.

        """
        await self.storage.finish_parts(
            Target(asset.bucket, asset.key), asset.upload, max_bytes=size_bytes, min_bytes=size_bytes
        )

    async def link(self, asset: Asset, key: str, *, filename: str = "") -> str:
        """Give an address that opens an object of an asset for an hour; empty as of `link_to`."""
        target = Target(asset.bucket, key)
        return await link_to(self.storage, target, expires_s=EXPIRES_S, filename=filename)


async def link_to(storage: Storage, target: Target, *, expires_s: int, filename: str = "") -> str:
    """Give what `Storage.presign` gives; nothing where the bucket is none of Oven's any more.

    Who lists what they have still sees all of it, should the settings name another bucket one day.
    """
    try:
        return await storage.presign(target, expires_s=expires_s, filename=filename)
    except FaultError as error:
        log.warning("link_missing", key=target.key, code=error.code, message=error.message, hint=error.hint)
        return ""


def _found(asset: Asset | None) -> Asset:
    if asset is None:
        raise NotFoundError(Code.NOT_FOUND, "there is no such asset")
    return asset
