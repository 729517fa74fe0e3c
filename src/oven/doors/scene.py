"""A scene as the API tells it."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from oven.domain.asset import Asset, AssetStatus
from oven.domain.errors import BadInputError
from oven.domain.instants import iso
from oven.domain.scene import Scene
from oven.media.short import MAX_SHORT_S, Quality, plan_short
from oven.media.source import Source, source_of_facts
from oven.media.strategies import StrategyName
from oven.pipeline.instants import Instant


class SceneJson(TypedDict):
    """A part of a video, from one moment to another."""

    id: str
    video_id: str
    name: Annotated[str, Field(description="Empty where none was given.")]
    start_s: Annotated[float, Field(description="In seconds from the video's begin.")]
    end_s: Annotated[float, Field(description="Likewise; the video's end at most.")]
    duration_s: Annotated[float, Field(description="In seconds.")]
    can_export: Annotated[
        bool,
        Field(
            description=f"Whether all of it can be exported: it has {MAX_SHORT_S:g} s at most, and its video "
            "is one that shorts are made of."
        ),
    ]
    created_at: Instant
    updated_at: Instant


def scene_json(scene: Scene, video: Asset) -> SceneJson:
    """Give a scene of a video."""
    (told,) = scenes_json([scene], video)
    return told


def scenes_json(scenes: Iterable[Scene], video: Asset) -> list[SceneJson]:
    """Give scenes of a video."""
    source: Source | None = None
    if video.status is AssetStatus.READY:
        source = source_of_facts(video.facts, size_bytes=video.size_bytes)
    return [_told(scene, source) for scene in scenes]


def _told(scene: Scene, source: Source | None) -> SceneJson:
    return {
        "id": scene.id,
        "video_id": scene.asset_id,
        "name": scene.name,
        "start_s": scene.start_s,
        "end_s": scene.end_s,
        "duration_s": scene.duration_s,
        "can_export": source is not None and _can_export(scene, source),
        "created_at": iso(scene.created_ms),
        "updated_at": iso(scene.updated_ms),
    }


def _can_export(scene: Scene, source: Source) -> bool:
    """Ask the plan of an export, which knows; how the picture is brought upright makes no difference."""
    try:
        plan_short(
            source,
            start_s=scene.start_s,
            end_s=scene.end_s,
            strategy=StrategyName.LETTERBOX,
            quality=Quality.MEDIUM,
        )
    except BadInputError:
        return False
    return True
