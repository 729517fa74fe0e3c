"""What every table of scenes promises, run on each implementation."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from oven.adapters.database.assets import AssetTable
from oven.adapters.database.engine import open_database
from oven.adapters.database.scenes import SceneTable
from oven.domain.asset import AssetStatus
from oven.domain.errors import NotFoundError
from oven.domain.scene import NewScene, Scene, SceneError
from oven.pipeline.scenes import SceneEdit
from tests.contract.test_assets import asset


@dataclass(frozen=True)
class Tables:
    assets: AssetTable
    scenes: SceneTable

    async def add(self, scene_id: str = "s1", **changes: object) -> Scene:
        return await self.scenes.add(scene(scene_id, **changes), now_ms=5)


@pytest.fixture
async def tables(tmp_path: Path) -> AsyncIterator[Tables]:
    """Where alice has two videos of ten seconds."""
    async with open_database(tmp_path) as database:
        tables = Tables(AssetTable(database=database), SceneTable(database=database))
        for asset_id in ("a1", "a2"):
            new = asset(asset_id, status=AssetStatus.READY, facts={"duration": 10.0})
            await tables.assets.add(new, now_ms=1)
        yield tables


def scene(scene_id: str = "s1", **changes: object) -> NewScene:
    new = NewScene(id=scene_id, asset_id="a1", owner="alice", name="Kiss", start_s=1.0, end_s=2.5)
    return replace(new, **changes)  # type: ignore[arg-type]


async def test_a_scene_is_kept(tables: Tables) -> None:
    """As it was asked for; its owner finds it, and the admin."""
    added = await tables.add()
    assert (added.asset_id, added.owner, added.name) == ("a1", "alice", "Kiss")
    assert (added.start_s, added.end_s, added.created_ms, added.updated_ms) == (1.0, 2.5, 5, 5)
    for owner in ("alice", None):
        assert await tables.scenes.get("s1", owner=owner) == added
        assert await tables.scenes.of_video("a1", owner=owner) == [added]
    assert await tables.scenes.get("s1", owner="bob") is None
    assert await tables.scenes.of_video("a1", owner="bob") == []
    assert await tables.scenes.get("s2", owner=None) is None


async def test_scenes_of_a_video(tables: Tables) -> None:
    """In the order in which they begin, whenever they were made; of the others none."""
    for number, start_s in enumerate((5.0, 0.5, 2.0)):
        await tables.add(f"s{number}", start_s=start_s, end_s=9.0)
    await tables.add("other", asset_id="a2")
    assert [each.id for each in await tables.scenes.of_video("a1", owner=None)] == ["s1", "s2", "s0"]
    assert [each.id for each in await tables.scenes.of_video("a2", owner=None)] == ["other"]


@pytest.mark.parametrize("changes", [{"owner": "bob"}, {"owner": ""}, {"asset_id": "a3"}])
async def test_no_video_no_scene(tables: Tables, changes: dict[str, str]) -> None:
    """Nor is there one of another's video."""
    with pytest.raises(NotFoundError):
        await tables.add(**changes)
    assert await tables.scenes.of_video("a1", owner=None) == []


async def test_what_is_edited(tables: Tables) -> None:
    """And nothing else; an empty name takes it away."""
    await tables.add()
    named = await tables.scenes.edit("s1", SceneEdit(name="Fight"), owner="alice", now_ms=9)
    assert named is not None
    assert (named.name, named.start_s, named.end_s, named.updated_ms) == ("Fight", 1.0, 2.5, 9)
    moved = await tables.scenes.edit("s1", SceneEdit(name="", start_s=2.0), owner=None, now_ms=9)
    assert moved is not None
    assert (moved.name, moved.start_s, moved.end_s, moved.created_ms) == ("", 2.0, 2.5, 5)
    assert await tables.scenes.get("s1", owner=None) == moved
    assert await tables.scenes.edit("s1", SceneEdit(), owner="bob", now_ms=9) is None


async def test_an_edit_is_checked_as_a_whole(tables: Tables) -> None:
    """Against what others have made of the scene meanwhile, and against its video."""
    await tables.add()
    await tables.scenes.edit("s1", SceneEdit(start_s=2.0), owner=None, now_ms=6)
    for edit, field in (
        (SceneEdit(end_s=1.5), "end_s"),
        (SceneEdit(end_s=10.2), "end_s"),
        (SceneEdit(start_s=9.95, end_s=10.0), "start_s"),
    ):
        with pytest.raises(SceneError) as refused:
            await tables.scenes.edit("s1", edit, owner=None, now_ms=7)
        assert refused.value.errors[0][0] == field
    kept = await tables.scenes.edit("s1", SceneEdit(end_s=10.05), owner=None, now_ms=7)
    assert kept is not None
    assert (kept.start_s, kept.end_s) == (2.0, 10.0)


async def test_a_deletion(tables: Tables) -> None:
    """Is its owner's to make, once."""
    added = await tables.add()
    assert await tables.scenes.delete("s1", owner="bob") is None
    assert await tables.scenes.delete("s1", owner="alice") == added
    assert await tables.scenes.delete("s1", owner="alice") is None
    assert await tables.scenes.get("s1", owner=None) is None


async def test_a_video_that_is_deleted(tables: Tables) -> None:
    """Hides its scenes at once, and takes them with it when it is forgotten."""
    await tables.add()
    await tables.add("other", asset_id="a2")
    await tables.assets.delete("a1", owner="alice", now_ms=9)
    assert await tables.scenes.get("s1", owner=None) is None
    assert await tables.scenes.of_video("a1", owner=None) == []
    assert await tables.scenes.edit("s1", SceneEdit(name="x"), owner=None, now_ms=9) is None
    assert await tables.scenes.delete("s1", owner=None) is None
    with pytest.raises(NotFoundError):
        await tables.add("s2")
    assert await tables.assets.forget("a1", before_ms=10)
    # Its id can be had again, so the row is gone.
    await tables.add("s1", asset_id="a2")
    assert [each.id for each in await tables.scenes.of_video("a2", owner=None)] == ["other", "s1"]
