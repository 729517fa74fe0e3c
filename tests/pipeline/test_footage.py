"""What users may do with their videos and the scenes of them."""

from pathlib import Path

import pytest

from oven.adapters.database.scenes import SceneTable
from oven.domain.asset import AssetStatus, AssetType
from oven.domain.errors import Code, ConflictError, NotFoundError
from oven.domain.scene import SceneError
from oven.pipeline.footage import Footage, check_ready
from oven.pipeline.scenes import SceneEdit
from oven.pipeline.service import Service
from tests.contract.test_assets import asset
from tests.pipeline.test_library import library


@pytest.fixture
async def footage(service: Service, tmp_path: Path) -> Footage:
    """Where alice has a video of ten seconds, one that is on its way, and a picture."""
    async with library(service, tmp_path) as shelf:
        database = shelf.assets.database  # type: ignore[attr-defined]
        for new in (
            asset("film", status=AssetStatus.READY, facts={"duration": 10.0}),
            asset("coming", status=AssetStatus.UPLOADING),
            asset("picture", status=AssetStatus.READY, type=AssetType.IMAGE),
        ):
            await shelf.assets.add(new, now_ms=1)
        return Footage(library=shelf, scenes=SceneTable(database=database), now_ms=lambda: 7)


async def test_what_is_a_video(footage: Footage) -> None:
    """Any of one's own, there or not; no picture."""
    assert (await footage.video("film", owner=None)).id == "film"
    assert (await footage.video("coming", owner="alice")).id == "coming"
    for video_id, owner in (("picture", "alice"), ("film", "bob"), ("none", None)):
        with pytest.raises(NotFoundError, match="no such video"):
            await footage.video(video_id, owner=owner)


async def test_what_is_ready(footage: Footage) -> None:
    """Others are refused with what to do."""
    check_ready(await footage.video("film", owner=None))
    with pytest.raises(ConflictError) as refused:
        check_ready(await footage.video("coming", owner=None))
    assert (refused.value.code, refused.value.hint) == (
        Code.ASSET_CONFLICT,
        "Ask again when it is READY.",
    )


async def test_a_scene(footage: Footage) -> None:
    """Belongs to its video's owner, whoever cuts it, and ends within its video."""
    film = await footage.video("film", owner=None)
    scene = await footage.cut(film, start_s=2.0, end_s=10.05, name="End")
    assert (scene.owner, scene.asset_id, scene.end_s, scene.created_ms) == ("alice", "film", 10.0, 7)
    assert await footage.scene(scene.id, owner="alice") == (scene, film)
    assert await footage.scenes_of(film) == [scene]
    with pytest.raises(SceneError):
        await footage.cut(film, start_s=2.0, end_s=10.2, name="")
    changed, video = await footage.edit(scene.id, SceneEdit(start_s=3.0), owner="alice")
    assert (changed.start_s, changed.end_s, video) == (3.0, 10.0, film)


async def test_another_users_scene_is_not_there(footage: Footage) -> None:
    """Whatever one would do with it, and nor is one that was deleted, or whose video was."""
    film = await footage.video("film", owner=None)
    first = await footage.cut(film, start_s=0.0, end_s=1.0, name="")
    second = await footage.cut(film, start_s=0.0, end_s=1.0, name="")

    async def is_not_there(scene_id: str, owner: str | None) -> None:
        with pytest.raises(NotFoundError, match="no such scene"):
            await footage.scene(scene_id, owner=owner)
        with pytest.raises(NotFoundError, match="no such scene"):
            await footage.edit(scene_id, SceneEdit(name="x"), owner=owner)
        with pytest.raises(NotFoundError, match="no such scene"):
            await footage.delete(scene_id, owner=owner)

    await is_not_there(first.id, "bob")
    await footage.delete(first.id, owner="alice")
    await is_not_there(first.id, None)
    await footage.library.delete("film", owner="alice")
    await is_not_there(second.id, None)
    with pytest.raises(NotFoundError):
        await footage.cut(film, start_s=0.0, end_s=1.0, name="")
