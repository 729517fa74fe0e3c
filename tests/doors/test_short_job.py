"""The job that makes a short."""

from dataclasses import replace
from typing import Any

import pytest

from oven.domain.asset import AssetType
from oven.domain.errors import BadInputError, Code
from oven.domain.job import Callback, NewJob
from oven.domain.scene import Scene
from oven.doors.problems import FieldsError
from oven.doors.short_job import short_job
from oven.doors.short_order import ShortOrder, Trim
from oven.doors.telling import Telling
from oven.media.short import Quality
from oven.media.source import file_metadata, read_source
from oven.media.strategies import StrategyName
from oven.recipes.short_request import REQUESTS
from tests.doors.test_export_job import ASSET
from tests.media.test_source import FILM, SOUND, probe

FACTS = file_metadata(read_source(probe(SOUND, FILM)), AssetType.VIDEO)
VIDEO = replace(ASSET, facts=FACTS)
SCENE = Scene(
    id="s1",
    asset_id=VIDEO.id,
    owner="alice",
    name="",
    start_s=1.0,
    end_s=4.0,
    created_ms=0,
    updated_ms=0,
)
PLAIN = ShortOrder()


def job(order: ShortOrder = PLAIN, scene: Scene = SCENE, *, url: str = "", place: str = "") -> NewJob:
    telling = Telling(url, Callback(url="sealed") if url else None, "sealed")
    return short_job(scene, VIDEO, order, bucket="b", telling=telling, per_day=3, key="k", place=place)


def test_a_job() -> None:
    """Writes one object, under its owner's name and its own, and counts for its owner."""
    new = job(url="https://h/")
    assert (new.kind, new.owner, new.per_day, new.key) == ("short", "alice", 3, "k")
    assert new.output_key == f"b/exports/alice/{new.id}.mp4"
    asked = REQUESTS.validate_python(new.request)
    assert (asked.source.key, asked.target.key) == (VIDEO.key, f"exports/alice/{new.id}.mp4")
    assert (asked.start_s, asked.end_s, asked.strategy) == (1.0, 4.0, StrategyName.CENTER_CROP)
    assert asked.echo == {"scene_id": "s1", "video_id": VIDEO.id}


def test_a_trim_counts_from_the_scene() -> None:
    """In thousandths and less, as decimals mean it."""
    asked = REQUESTS.validate_python(job(ShortOrder(trim=Trim(start_s=0.1, end_s=0.7))).request)
    assert (asked.start_s, asked.end_s) == (1.1, 1.7)


def test_a_trim_outside() -> None:
    """Is refused where it stands."""
    with pytest.raises(FieldsError) as caught:
        job(ShortOrder(trim=Trim(start_s=0.0, end_s=3.5)), place="/exports/2")
    assert caught.value.errors == [
        ("/exports/2/trim/end_s", "trim.end_s must be at most 3, where the scene ends")
    ]


@pytest.mark.parametrize(
    ("change", "is_same"),
    [
        ({}, True),
        ({"url": "https://h/?signature=2"}, True),
        ({"url": "https://other/"}, False),
        ({"order": ShortOrder(output_quality=Quality.MEDIUM)}, False),
        ({"order": ShortOrder(aspect_ratio_strategy=StrategyName.BLUR)}, False),
        ({"order": ShortOrder(trim=Trim(start_s=0.0, end_s=1.0))}, False),
        ({"scene": replace(SCENE, end_s=3.0)}, False),
        ({"scene": replace(SCENE, id="s2")}, False),
    ],
)
def test_what_asks_for_the_same(change: dict[str, Any], is_same: bool) -> None:  # noqa: FBT001
    """Is what becomes of which part of which scene, and who is told."""
    usual: dict[str, Any] = {"url": "https://h/?signature=1"}
    assert (job(**usual | change).identity == job(**usual).identity) is is_same


def test_what_can_never_be() -> None:
    """Is told at once: a scene that the video ends before."""
    with pytest.raises(BadInputError) as caught:
        job(scene=replace(SCENE, start_s=400.0, end_s=500.0))
    assert caught.value.code is Code.FIELD_INVALID
