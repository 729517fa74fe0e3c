"""A video as the API tells it."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from oven.domain.asset import Asset, AssetStatus
from oven.domain.instants import iso
from oven.doors.asset import Link
from oven.pipeline.instants import Instant


class VideoJson(TypedDict):
    """A video that scenes can be cut from; what is found of it is null until it is READY."""

    id: Annotated[str, Field(description="The id of the asset that it is.")]
    asset_id: Annotated[str, Field(description="The same.")]
    name: str
    status: AssetStatus
    duration_s: Annotated[float | None, Field(description="In seconds.")]
    width: Annotated[int | None, Field(description="In pixels, as it is displayed.")]
    height: Annotated[int | None, Field(description="Likewise.")]
    has_audio: bool | None
    thumbnail_url: Annotated[
        str | None, Field(description="Opens a picture of it for an hour, if there is one.")
    ]
    error: Annotated[str | None, Field(description="Why it FAILED.")]
    created_at: Instant
    job_id: Annotated[str | None, Field(description="The job that brings it, or has brought it.")]


async def video_json(asset: Asset, link: Link) -> VideoJson:
    """Give a video, with an address that opens its picture."""
    is_ready = asset.status is AssetStatus.READY
    found = asset.facts if is_ready else {}
    has_thumbnail = is_ready and bool(asset.thumbnail_key)
    return {
        "id": asset.id,
        "asset_id": asset.id,
        "name": asset.name,
        "status": asset.status,
        "duration_s": found.get("duration"),
        "width": found.get("width"),
        "height": found.get("height"),
        "has_audio": bool(found.get("audio_tracks")) if is_ready else None,
        "thumbnail_url": (await link(asset, asset.thumbnail_key) or None) if has_thumbnail else None,
        "error": None if asset.error is None else asset.error["message"],
        "created_at": iso(asset.created_ms),
        "job_id": asset.job_id or None,
    }
