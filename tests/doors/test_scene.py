"""A scene as the API tells it."""

from dataclasses import replace
from typing import Any

import pytest

from oven.domain.asset import AssetStatus
from oven.domain.scene import Scene
from oven.doors.scene import SceneJson, scene_json, scenes_json
from tests.doors.test_asset import ASSET

FACTS = {
    "duration": 400.0,
    "coded_width": 64,
    "coded_height": 48,
    "codec": "h264",
    "pixel_format": "yuv420p",
    "frame_rate": 25,
    "format": "mp4",
}


def scene_until(end_s: float) -> Scene:
    return Scene(
        id="s", asset_id="a", owner="o", name="", start_s=0.2, end_s=end_s, created_ms=0, updated_ms=1
    )


def told(end_s: float, **changes: Any) -> SceneJson:
    return scene_json(scene_until(end_s), replace(ASSET, **changes))


@pytest.mark.parametrize(
    ("end_s", "facts", "can_export"),
    [
        (180.2, {}, True),
        (180.3, {}, False),
        (1.0, {"hdr": "hdr10"}, False),
        # No frame begins in so little, but one is shown.
        (0.3, {"frame_rate": 1}, True),
        (0.3, {}, True),
    ],
)
def test_what_can_be_exported(end_s: float, facts: dict[str, Any], *, can_export: bool) -> None:
    """All that has three minutes at most, as decimals count them, and that a short can be made of."""
    assert told(end_s, facts=FACTS | facts)["can_export"] is can_export


def test_a_scene() -> None:
    """Has its length told; of a video that is not there nothing can be exported."""
    scene = told(1.0, facts=FACTS, status=AssetStatus.FAILED)
    assert set(scene) == set(SceneJson.__annotations__)
    assert (scene["duration_s"], scene["can_export"]) == (0.8, False)
    assert (scene["created_at"], scene["updated_at"]) == (
        "1970-01-01T00:00:00.000Z",
        "1970-01-01T00:00:00.001Z",
    )


def test_scenes() -> None:
    """Are told as each would be by itself."""
    video = replace(ASSET, facts=FACTS)
    scenes = [scene_until(0.3 + number) for number in range(300)]
    assert scenes_json(scenes, video) == [scene_json(scene, video) for scene in scenes]
    assert scenes_json([], video) == []
