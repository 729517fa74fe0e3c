"""Shorts by methods, against a real daemon."""

from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from oven.client import Oven, OvenError, Scene, Short
from oven.client.shorts import Begun, Previews, Quality, Quota, ShortStatus, Strategy
from oven.doors import short as door
from oven.doors.previews import PreviewsJson
from oven.doors.quota import QuotaJson
from oven.doors.scene import SceneJson
from oven.doors.shorts import ShortAcceptedJson
from oven.media import short
from oven.media.strategies import StrategyName
from tests.calls import call
from tests.client.conftest import VIDEO
from tests.daemons import running_daemon
from tests.site import Site


@pytest.mark.parametrize(
    ("ours", "said"),
    [
        (Scene, SceneJson),
        (Short, door.ShortJson),
        (Quota, QuotaJson),
        (Begun, ShortAcceptedJson),
        (Previews, PreviewsJson),
    ],
)
def test_answers_have_the_members_that_are_sent(ours: Any, said: Any) -> None:
    """No more, no less."""
    assert set(get_type_hints(ours)) == set(get_type_hints(said))


def test_words() -> None:
    """Are the API's."""
    for ours, words in ((Strategy, StrategyName), (Quality, short.Quality), (ShortStatus, door.ShortStatus)):
        assert get_args(ours) == tuple(words)


async def test_a_short(tmp_path: Path, media: Site) -> None:
    """Is asked for, looked at, waited for, downloaded; what cannot be says where."""
    with running_daemon(tmp_path / "data") as daemon:
        oven = Oven(daemon.base)
        video = await call(oven.import_video, media.base + VIDEO)
        await call(oven.wait, video["metadata"]["import_job_id"])
        scene = await call(oven.shorts.add_scene, video["id"], 0.0, 0.2, name="the beginning")
        assert await call(oven.shorts.scenes, video["id"]) == [scene]
        scene = await call(oven.shorts.edit_scene, scene["id"], end_s=0.3)
        assert await call(oven.shorts.scene, scene["id"]) == scene
        shown = await call(oven.shorts.previews, scene["id"])
        assert [each["aspect_ratio_strategy"] for each in shown["previews"]] == list(get_args(Strategy))
        with pytest.raises(OvenError) as refused:
            await call(oven.shorts.create, scene["id"], trim={"start_s": 0.0, "end_s": 9.0})
        assert [each["pointer"] for each in refused.value.errors] == ["/trim/end_s"]
        begun = await call(oven.shorts.create, scene["id"], strategy="letterbox", idempotency_key="1")
        again = await call(oven.shorts.create, scene["id"], strategy="letterbox", idempotency_key="1")
        assert again["export_id"] == begun["export_id"]
        assert (await call(oven.wait, begun["export_id"]))["state"] == "done"
        made = await call(oven.shorts.status, begun["export_id"])
        file = await call(oven.download, made["download_url"], tmp_path / "short.mp4")
        assert file.stat().st_size == made["file_size_bytes"]
        several = await call(oven.shorts.create_several, [{"scene_id": scene["id"]}])
        cancelled = await call(oven.shorts.cancel, several[0]["export_id"])
        assert cancelled["error_code"] == "CANCELLED"
        listed = await call(lambda: list(oven.shorts.exports(status="failed")))
        assert [each["export_id"] for each in listed] == [cancelled["export_id"]]
        assert await call(oven.shorts.quota) is None
        await call(oven.shorts.delete_scene, scene["id"])
        with pytest.raises(OvenError, match="NOT_FOUND"):
            await call(oven.shorts.create, scene["id"])
