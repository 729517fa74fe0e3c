"""A scene as the API tells it."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from oven.domain.asset import Asset, AssetStatus
from oven.domain.instants import iso
from oven.domain.scene import Scene
from oven.pipeline.instants import Instant

# Places where shorts are shown take none that is longer.
MAX_SHORT_S = 180.0


class SceneJson(TypedDict):
    """A part of a video, from one moment to another."""

    id: str
    video_id: str
    name: Annotated[str, Field(description="Empty where none was given.")]
    start_s: Annotated[float, Field(description="In seconds from the video's begin.")]
    end_s: Annotated[float, Field(description="Likewise; the video's end at most.")]
    duration_s: Annotated[float, Field(description="In seconds.")]
    can_export: Annotated[
        bool, Field(description=f"Whether all of it can be exported: it has {MAX_SHORT_S:g} s at most.")
    ]
    created_at: Instant
    updated_at: Instant


def scene_json(scene: Scene, video: Asset) -> SceneJson:
    """Give a scene of a video."""
    return {
        "id": scene.id,
        "video_id": scene.asset_id,
        "name": scene.name,
        "start_s": scene.start_s,
        "end_s": scene.end_s,
        "duration_s": scene.duration_s,
        "can_export": scene.duration_s <= MAX_SHORT_S and video.status is AssetStatus.READY,
        "created_at": iso(scene.created_ms),
        "updated_at": iso(scene.updated_ms),
    }
