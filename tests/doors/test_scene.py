"""A scene as the API tells it."""

from dataclasses import replace

import pytest

from oven.domain.asset import AssetStatus
from oven.domain.scene import Scene
from oven.doors.scene import scene_json
from tests.doors.test_asset import ASSET


@pytest.mark.parametrize(
    ("end_s", "status", "can_export"),
    [
        (180.2, AssetStatus.READY, True),
        (180.201, AssetStatus.READY, False),
        (1.0, AssetStatus.FAILED, False),
    ],
)
def test_what_can_be_exported(end_s: float, status: AssetStatus, *, can_export: bool) -> None:
    """All that has three minutes at most, as decimals count them, of a video that is there."""
    scene = Scene(
        id="s", asset_id="a", owner="o", name="", start_s=0.2, end_s=end_s, created_ms=0, updated_ms=1
    )
    told = scene_json(scene, replace(ASSET, status=status))
    assert told["can_export"] is can_export
    assert (told["created_at"], told["updated_at"]) == (
        "1970-01-01T00:00:00.000Z",
        "1970-01-01T00:00:00.001Z",
    )
