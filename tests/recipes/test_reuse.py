"""Copying what was made before, as decisions."""

from collections.abc import Mapping
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

import pytest

from oven.domain.job import JobState
from oven.recipes import bake, convert
from oven.recipes.plan import Limits, Recipe
from oven.recipes.reuse import BESIDE, TIMES, decisive
from oven.recipes.steps import Copy, FindMade, Target
from oven.recipes.tape import TapeRequest
from tests.recipes.test_tape_steps import ENCODED, REQUEST

TAKEN: dict[str, Any] = {"take": {"sha256": "x", "sizeBytes": 1}}
VIDEO = {"bucket": "b", "key": "old.mp4", "version": "1", "sizeBytes": 1000, "sha256": "y"}
THUMBNAIL = VIDEO | {"key": "old.jpg", "sizeBytes": 10}
RESULT = {
    "videoUrl": "https://b/old.mp4",
    "thumbnailUrl": "https://b/old.jpg",
    "duration": 2.0,
    "size": 1000,
    "resolution": [192, 192],
    "frames": 48,
    "rate": "24",
    "reused": None,
    "warnings": [{"code": "PICTURES_UNUSED", "message": "one"}],
}
FOUND: dict[str, Any] = TAKEN | {
    "find": {
        "fingerprint": "f",
        "found": {
            "jobId": "earlier",
            "result": RESULT,
            "objects": {"video": VIDEO, "thumbnail": THUMBNAIL},
        },
    }
}


def copied(key: str, made: Mapping[str, Any]) -> dict[str, Any]:
    where = {"bucket": "b", "key": key, "url": f"https://b/{key}", "version": "2"}
    return {**made, **where, "contentType": "", "isPublic": True}


COPIED = FOUND | {"copy-video": copied("v.mp4", VIDEO), "copy-thumbnail": copied("t.jpg", THUMBNAIL)}


def names(
    results: dict[str, Any],
    limits: Limits,
    *,
    recipe: Recipe[TapeRequest] = bake.RECIPE,
    request: TapeRequest = REQUEST,
) -> list[str]:
    return [step.name for step in recipe.next_steps(request, results, limits)]


def test_what_runs_when(limits: Limits) -> None:
    """It is looked for once the source is here; then the copies are made, the video first, and no more."""
    assert names(TAKEN, limits) == ["find"]
    assert names(FOUND, limits) == ["copy-video"]
    assert names(FOUND | {"copy-video": COPIED["copy-video"]}, limits) == ["copy-thumbnail"]
    assert names(COPIED, limits) == []
    asked = replace(REQUEST, thumbnail=None)
    assert names(FOUND, limits, recipe=convert.RECIPE, request=asked) == ["copy-video"]
    results = FOUND | {"copy-video": COPIED["copy-video"]}
    assert names(results, limits, recipe=convert.RECIPE, request=asked) == []


@pytest.mark.parametrize("found", [{"error": {"code": "STORE_UNAVAILABLE"}}, {"found": None}])
def test_what_is_not_found_is_made(limits: Limits, found: dict[str, Any]) -> None:
    """Nor does a job fail because nobody could look."""
    assert names(TAKEN | {"find": found}, limits) == ["list"]


@pytest.mark.parametrize("failed", ["copy-video", "copy-thumbnail"])
def test_a_copy_that_fails(limits: Limits, failed: str) -> None:
    """Leads to the long way, to its end, and is told nowhere."""
    results = COPIED | {failed: {"error": {"code": "DOWNLOAD_CHANGED", "message": "gone"}}}
    assert names(results, limits) == ["list"]
    made = {**ENCODED, **results, "list": ENCODED["list"]}
    assert names(made, limits) == ["publish-video", "thumbnail"]
    made |= {
        "publish-video": copied("v.mp4", VIDEO) | {"sha256": "new"},
        "thumbnail": {"error": {"message": ""}},
    }
    outcome = bake.RECIPE.finish(REQUEST, made, limits)
    assert outcome.result is not None
    assert outcome.result["reused"] is None
    assert [(artifact.name, artifact.sha256) for artifact in outcome.artifacts] == [("video", "new")]


def test_what_the_copies_are(limits: Limits) -> None:
    """Of just that version, told as what is published is, and no reason for a job to fail."""
    (step,) = bake.RECIPE.next_steps(REQUEST, FOUND, limits)
    assert isinstance(step, Copy)
    assert (step.source, step.version, step.sha256) == (Target("b", "old.mp4"), "1", "y")
    assert (step.target, step.content_type, step.is_public) == (REQUEST.video, "video/mp4", True)
    assert step.cache_control == "public, max-age=3600"
    assert (step.optional, step.phase) == (True, "publish")


def test_what_is_told(limits: Limits) -> None:
    """The earlier job's result with this one's addresses; the callback's members are a bake's."""
    outcome = bake.RECIPE.finish(replace(REQUEST, echo={"mongoId": "m"}), COPIED, limits)
    assert outcome.state is JobState.DONE
    assert outcome.result == RESULT | {
        "videoUrl": "https://b/v.mp4",
        "thumbnailUrl": "https://b/t.jpg",
        "reused": {"jobId": "earlier"},
    }
    made = bake.RECIPE.finish(REQUEST, ENCODED | {"publish-video": copied("v.mp4", VIDEO)}, limits)
    assert outcome.callback is not None
    assert made.callback is not None
    assert set(outcome.callback) == set(made.callback) | {"mongoId"}
    assert outcome.callback["mp4Url"] == "https://b/v.mp4"
    assert [(each.name, each.target, each.version) for each in outcome.artifacts] == [
        ("video", REQUEST.video, "2"),
        ("thumbnail", REQUEST.thumbnail, "2"),
    ]
    # Who comes next finds this one by it.
    assert outcome.fingerprint == made.fingerprint == "f"


def test_a_conversion_is_told_as_one(limits: Limits) -> None:
    """Without a thumbnail."""
    asked = replace(REQUEST, thumbnail=None, echo={"mongoId": "m"})
    outcome = convert.RECIPE.finish(asked, COPIED, limits)
    assert outcome.result is not None
    assert (outcome.result["thumbnailUrl"], outcome.result["reused"]) == (None, {"jobId": "earlier"})
    assert outcome.callback == {
        "mongoId": "m",
        "mp4Url": "https://b/v.mp4",
        "status": "complete",
        "duration": 2.0,
        "size": 1000,
        "resolution": [192, 192],
    }
    assert [artifact.name for artifact in outcome.artifacts] == ["video"]
    assert outcome.fingerprint == "f"


@pytest.mark.parametrize(
    "change",
    [
        {"size": (64, 64)},
        {"scale": 2},
        {"rate": Fraction(30)},
        {"metadata": {"frameCount": 3}},
        {"thumbnail": None},
    ],
)
def test_what_decides(limits: Limits, change: dict[str, Any]) -> None:
    """Everything of a request that shows in what is made, or in what is said of it."""
    usual = decisive("bake", REQUEST, "x", limits)
    assert decisive("bake", replace(REQUEST, **change), "x", limits) != usual


@pytest.mark.parametrize(
    "change",
    [
        {"url": "https://example.com/tape.zip?signature=1", "path": ""},
        {"video": Target("b", "other.mp4"), "thumbnail": Target("b", "other.jpg")},
        {"echo": {"mongoId": "other"}},
        {"reuse": False},
    ],
)
def test_what_does_not_decide(limits: Limits, change: dict[str, Any]) -> None:
    """Where the tape is, where the video goes, and who is told of it."""
    usual = decisive("bake", REQUEST, "x", limits)
    assert decisive("bake", replace(REQUEST, **change), "x", limits) == usual


def test_every_limit_decides(limits: Limits) -> None:
    """But times; so do the kind of job, and the bytes of the tape."""
    usual = decisive("bake", REQUEST, "x", limits)
    for field in fields(Limits):
        other = replace(limits, **{field.name: getattr(limits, field.name) + 1})
        assert (decisive("bake", REQUEST, "x", other) == usual) is (field.name in TIMES)
    assert decisive("convert", REQUEST, "x", limits) != usual != decisive("bake", REQUEST, "other", limits)
    assert {field.name for field in fields(TapeRequest)} >= BESIDE


def test_who_wants_it_anew(limits: Limits) -> None:
    """Says so to whoever looks; later ones may still copy it."""
    for reuse in (True, False):
        (step,) = bake.RECIPE.next_steps(replace(REQUEST, reuse=reuse), TAKEN, limits)
        assert isinstance(step, FindMade)
        assert step.may_reuse is reuse
        assert step.targets == (("video", REQUEST.video), ("thumbnail", REQUEST.thumbnail))


def test_requests_of_older_releases() -> None:
    """Do not speak of it, and may be copies."""
    written = {name: value for name, value in REQUEST.as_json().items() if name != "reuse"}
    assert bake.RECIPE.read(written) == REQUEST
