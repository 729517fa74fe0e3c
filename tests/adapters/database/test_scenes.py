"""The table of scenes, beside what every such table promises (`tests/contract/test_scenes.py`)."""

from pathlib import Path

import pytest
from sqlalchemy import insert

from oven.adapters.database.assets import AssetTable
from oven.adapters.database.engine import open_database
from oven.adapters.database.scenes import SceneTable
from oven.adapters.database.schema import scenes
from oven.domain.asset import AssetStatus
from oven.domain.errors import Code, ConflictError
from oven.domain.scene import MAX_SCENES
from oven.pipeline.scenes import SceneEdit
from tests.contract.test_assets import asset
from tests.contract.test_scenes import scene


async def test_a_video_of_unknown_length(tmp_path: Path) -> None:
    """Its scenes may end where they like; times are kept to the last digit."""
    third = 1 / 3
    async with open_database(tmp_path) as database:
        table = SceneTable(database=database)
        await AssetTable(database=database).add(asset(status=AssetStatus.READY, facts={}), now_ms=1)
        await table.add(scene(start_s=third, end_s=7_000.1), now_ms=2)
        kept = await table.edit("s1", SceneEdit(end_s=8_000 + third), owner=None, now_ms=3)
        assert kept is not None
        assert (kept.start_s, kept.end_s) == (third, 8_000 + third)


async def test_as_many_as_a_video_can_have(tmp_path: Path) -> None:
    """The next is refused, until one is deleted; other videos have their own."""
    async with open_database(tmp_path) as database:
        table = SceneTable(database=database)
        for asset_id in ("a1", "a2"):
            await AssetTable(database=database).add(asset(asset_id, status=AssetStatus.READY), now_ms=1)
        values = {"asset": "a1", "owner": "alice", "name": "", "start_s": 1.0, "end_s": 2.0}
        rows = [
            {**values, "id": f"s{number}", "created_at": 1, "updated_at": 1} for number in range(MAX_SCENES)
        ]
        await database.write(lambda connection: connection.execute(insert(scenes), rows))
        with pytest.raises(ConflictError) as refused:
            await table.add(scene("one more"), now_ms=2)
        assert refused.value.code is Code.ASSET_CONFLICT
        assert len(await table.of_video("a1", owner=None)) == MAX_SCENES
        await table.add(scene("other", asset_id="a2"), now_ms=2)
        await table.delete("s7", owner=None)
        await table.add(scene("one more"), now_ms=2)
