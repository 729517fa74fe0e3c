"""What the pipeline asks of the table of assets."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from oven.domain.asset import Asset, AssetChange, AssetStatus, AssetType, NewAsset


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetFilter:
    """Which assets to list: those that all of it is true of; nothing is asked where nothing is given."""

    types: Collection[AssetType] = ()
    statuses: Collection[AssetStatus] = ()
    folder_id: str | None = None
    tags: Collection[str] = ()
    # Stands in the name, whatever the case of its letters.
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetEdit:
    """What a user changes of an asset; None leaves it as it is, and an empty `folder_id` takes it out.

    `metadata` is laid over what there is; None in it takes a key away (RFC 7396, but for what is nested).
    """

    name: str | None = None
    folder_id: str | None = None
    tags: tuple[str, ...] | None = None
    metadata: Mapping[str, Any] | None = None


class Assets(Protocol):
    """Where assets are kept; announced, and changed by their jobs, in `Jobs`' own transactions.

    Where a method takes an `owner`, it is whose assets there are for who asks: None for all.
    Those that were deleted are found by nobody but `purgeable`.

    Raises:
        TransientError: STORE_UNAVAILABLE, from every method.

    """

    async def add(self, new: NewAsset, *, now_ms: int) -> Asset:
        """Announce an asset that no job brings yet.

        Raises:
            ConflictError: ASSET_CONFLICT, there is one with this id.

        """
        ...

    async def get(self, asset_id: str, *, owner: str | None) -> Asset | None: ...

    async def page(
        self,
        wanted: AssetFilter,
        *,
        owner: str | None,
        before: tuple[int, str] | None = None,
        limit: int,
    ) -> list[Asset]:
        """List assets, newest first, from before (created, id) on."""
        ...

    async def edit(self, asset_id: str, edit: AssetEdit, *, owner: str | None, now_ms: int) -> Asset | None:
        """Change what is the user's to change.

        Raises:
            BadInputError: FIELD_INVALID, the metadata would become too large.

        """
        ...

    async def delete(self, asset_id: str, *, owner: str | None, now_ms: int) -> Asset | None:
        """Let nobody find an asset any more."""
        ...

    async def purgeable(self, *, before_ms: int, limit: int, skip: Collection[str] = ()) -> list[Asset]:
        """List assets that were deleted, or failed, before an instant, and that no job brings any more."""
        ...

    async def forget(self, asset_id: str, *, before_ms: int) -> bool:
        """Remove an asset for good, where it is still one that `purgeable` lists."""
        ...

    async def overdue(self, *, before_ms: int, limit: int, skip: Collection[str] = ()) -> list[Asset]:
        """List assets that wait for their upload since before an instant, or were deleted meanwhile."""
        ...

    async def fail(self, change: AssetChange, *, now_ms: int) -> None:
        """Say that an asset that no job brings will not come."""
        ...
