"""An asset as the API tells it."""

from collections.abc import Mapping
from typing import Annotated, Any, Protocol

from pydantic import Field
from typing_extensions import TypedDict

from oven.domain.asset import Asset, AssetStatus, AssetType
from oven.domain.instants import iso
from oven.pipeline.instants import Instant


class Link(Protocol):
    """Gives an address, good for an hour, of an object of an asset, with the name to save it under."""

    async def __call__(self, asset: Asset, key: str, *, filename: str = "") -> str: ...


class AssetErrorJson(TypedDict):
    """Why there is no asset."""

    code: str
    message: str
    hint: str
    retryable: bool
    stage: Annotated[str, Field(description="The phase of the job in which it happened.")]


class AssetJson(TypedDict):
    """A video, a sound or a picture that a user keeps here."""

    id: str
    name: str
    type: AssetType
    status: AssetStatus
    url: Annotated[str, Field(description="Opens it for an hour; empty until it is READY.")]
    thumbnail_url: Annotated[
        str | None, Field(description="Opens a picture of it for an hour, if there is one.")
    ]
    size: Annotated[int, Field(description="In bytes; 0 until it is READY.")]
    checksum: Annotated[str, Field(description="SHA-256 in hex; empty until it is READY.")]
    created_at: Instant
    updated_at: Instant
    user_id: Annotated[str | None, Field(description="Whose it is; null for the admin's own.")]
    folder_id: str | None
    tags: list[str]
    metadata: Annotated[
        Mapping[str, Any],
        Field(
            description="What the caller said of it, and over it what was found: `duration`, `width`, "
            "`height`, `frame_rate`, `codec`, `bitrate`, `format`, …; `import_job_id` is the job that "
            'brings it, and `status` is "processing" until that has ended.'
        ),
    ]
    error: AssetErrorJson | None


async def asset_json(asset: Asset, link: Link) -> AssetJson:
    """Give an asset with addresses that open what is there of it."""
    is_ready = asset.status is AssetStatus.READY
    metadata = {**asset.metadata, **asset.facts}
    if asset.job_id:
        metadata["import_job_id"] = asset.job_id
    if asset.status is AssetStatus.UPLOADING:
        metadata["status"] = "processing"
    if asset.error is not None:
        metadata["error"] = asset.error["message"]
    if is_ready and "thumbnails" in asset.facts:
        metadata["thumbnails"] = [
            {"time": taken["time"], "url": await link(asset, taken["key"])}
            for taken in asset.facts["thumbnails"]
        ]
    has_thumbnail = is_ready and bool(asset.thumbnail_key)
    return {
        "id": asset.id,
        "name": asset.name,
        "type": asset.type,
        "status": asset.status,
        "url": await link(asset, asset.key, filename=asset.name) if is_ready else "",
        "thumbnail_url": (await link(asset, asset.thumbnail_key) or None) if has_thumbnail else None,
        "size": asset.size_bytes,
        "checksum": asset.checksum,
        "created_at": iso(asset.created_ms),
        "updated_at": iso(asset.updated_ms),
        "user_id": asset.owner or None,
        "folder_id": asset.folder_id,
        "tags": list(asset.tags),
        "metadata": metadata,
        "error": _error(asset.error),
    }


def _error(error: Mapping[str, Any] | None) -> AssetErrorJson | None:
    if error is None:
        return None
    return {
        "code": error["code"],
        "message": error["message"],
        "hint": error["hint"],
        "retryable": error["retryable"],
        "stage": error["stage"],
    }
