"""Short: what follows from what was learned."""

from dataclasses import replace
from typing import Any

import pytest

from oven.domain.errors import BadInputError, Code, FaultError, TransientError
from oven.domain.job import JobState, Lane
from oven.domain.retry import RetryRule
from oven.media.short import Quality
from oven.media.strategies import StrategyName
from oven.recipes.book import RULES
from oven.recipes.plan import Limits
from oven.recipes.short import MAX_MESSAGE_CHARS, PHASES, RECIPE, finish, next_steps
from oven.recipes.short_request import ShortRequest
from oven.recipes.steps import Decode, Encode, FetchObject, Measure, ProbeSource, Publish, Step, Target
from tests.media.test_source import FILM, SOUND, probe

ASKED = ShortRequest(
    scene_id="s1",
    asset_id="a1",
    source=Target("b", "media/alice/a1/film.mp4"),
    target=Target("b", "exports/alice/j1.mp4"),
    start_s=1.0,
    end_s=3.0,
    strategy=StrategyName.BLUR,
    quality=Quality.MEDIUM,
)
SIZE = 100_000


def measured(**changes: Any) -> dict[str, Any]:
    """What is measured of a short of two seconds."""
    video = {
        "index": 0,
        "codec_type": "video",
        "codec_name": "h264",
        "width": 1080,
        "height": 1920,
        "packets": 60,
        "bytes": 90_000,
        "startS": 0.0,
        "endS": 2.0,
        **changes,
    }
    sound = {"index": 1, "codec_type": "audio", "codec_name": "aac", "startS": 0.0, "endS": 2.0}
    return {"sizeBytes": SIZE, "streams": [video, sound]}


def made(step: Step) -> dict[str, Any]:
    """What a step gives that all goes well with."""
    match step:
        case FetchObject():
            return {"sha256": "c", "sizeBytes": 7}
        case ProbeSource():
            return probe(SOUND, FILM)
        case Encode():
            return {"sizeBytes": SIZE, "seconds": 1.0}
        case Measure():
            return measured()
        case Decode():
            return {"frames": 60, "complaints": 0}
        case Publish():
            return {
                "bucket": step.target.bucket,
                "key": step.target.key,
                "contentType": step.content_type,
                "isPublic": step.is_public,
                "sizeBytes": SIZE,
                "sha256": "s",
            }
        case _:
            raise AssertionError(step)


def run(limits: Limits, **given: Any) -> tuple[list[str], dict[str, Any], dict[str, Step]]:
    """Carry a job out in what steps are said to give → the steps' names in order, results, steps."""
    results: dict[str, Any] = {}
    done: dict[str, Step] = {}
    while stage := next_steps(ASKED, results, limits):
        done |= {step.name: step for step in stage}
        results |= {step.name: given.get(step.name.replace("-", "_"), made(step)) for step in stage}
    return list(done), results, done


def test_the_way(limits: Limits) -> None:
    """Taken, probed, made, proved, and published under the name that its caller is told."""
    names, results, steps = run(limits)
    assert names == ["take", "probe", "encode", "measure-encode", "decode", "publish"]
    encode, publish = steps["encode"], steps["publish"]
    assert isinstance(encode, Encode)
    assert (encode.timeout_s, encode.broken) == (limits.short_s, Code.MEDIA_INVALID)
    assert isinstance(publish, Publish)
    assert (publish.target, publish.content_type) == (ASKED.target, "video/mp4")
    outcome = finish(ASKED, results, limits)
    assert (outcome.state, RECIPE.lane) == (JobState.DONE, Lane.SHORT)
    assert outcome.result == {
        "scene_id": "s1",
        "video_id": "a1",
        "key": "exports/alice/j1.mp4",
        "file_size_bytes": SIZE,
        "duration_s": 2.0,
        "resolution": "1080x1920",
        "lifetime_s": 86_400.0,
        "warnings": [],
        "verification": {
            "decoded": "all frames",
            "frames": 60,
            "duration": 2.0,
            "expectedDuration": 2.0,
            "audioOffset": 0.0,
            "sizeBytes": SIZE,
        },
    }
    assert outcome.callback == {**outcome.result, "status": "complete"}


def test_the_file_has_its_time(limits: Limits) -> None:
    """It is private, and goes a day after its job has ended."""
    _, results, _ = run(limits)
    (artifact,) = finish(ASKED, results, limits).artifacts
    assert (artifact.target, artifact.is_public, artifact.lifetime_s) == (ASKED.target, False, 86_400.0)


@pytest.mark.parametrize(("second", "warnings"), [(29_000_000, []), (31_000_000, ["TARGET_MISSED"])])
def test_a_file_that_is_too_large(limits: Limits, second: int, warnings: list[str]) -> None:
    """Is made once more, with a lower peak; what passes its cap even then is told."""
    names, results, steps = run(
        limits,
        encode={"sizeBytes": 40_000_000, "seconds": 1.0},
        encode_again={"sizeBytes": second, "seconds": 1.0},
    )
    assert names[2:6] == ["encode", "measure-encode", "encode-again", "measure-encode-again"]
    first, again, publish = steps["encode"], steps["encode-again"], steps["publish"]
    assert isinstance(first, Encode)
    assert isinstance(again, Encode)
    assert isinstance(publish, Publish)
    assert peak(again) < peak(first)
    assert publish.source == "encode-again/film.mp4"
    result = finish(ASKED, results, limits).result or {}
    assert [warning["code"] for warning in result["warnings"]] == warnings


def peak(step: Encode) -> int:
    return int(step.arguments[step.arguments.index("-maxrate") + 1])


def test_nothing_is_published_before_it_is_proved(limits: Limits) -> None:
    """A film of another size is none that was asked for."""
    with pytest.raises(FaultError, match="1080×1080, not 1080×1920") as caught:
        run(limits, measure_encode=measured(height=1080))
    assert caught.value.code is Code.OUTPUT_INVALID


def test_what_the_file_itself_says(limits: Limits) -> None:
    """Is what counts: a scene that is not in it ends the job."""
    short = {**FILM, "duration": "0.5"}
    with pytest.raises(BadInputError) as caught:
        run(limits, probe=probe(short, format={"duration": "0.5"}))
    assert caught.value.code is Code.FIELD_INVALID


def test_failures(limits: Limits) -> None:
    """Are told in at most 500 characters; a cancelled one is told as such."""
    failed = finish(ASKED, FaultError(Code.OUTPUT_INVALID, "x" * 600), limits)
    assert (failed.state, failed.artifacts) == (JobState.FAILED, ())
    assert failed.callback is not None
    assert len(failed.callback["error"]) == MAX_MESSAGE_CHARS
    assert failed.callback["scene_id"] == "s1"
    cancelled = finish(ASKED, BadInputError(Code.CANCELLED, "the job was cancelled"), limits)
    assert cancelled.state is JobState.CANCELLED


def test_a_failed_short_is_not_tried_again() -> None:
    """Not even what may pass: whoever wants it exports it once more."""
    rule = RULES[RECIPE.kind]
    assert RetryRule().delay_s(1, 0.0) is not None
    assert rule.delay_s(1, 0.0) is None
    assert rule.judged(TransientError(Code.UPLOAD_FAILED, "")).retryable


def test_phases() -> None:
    """Every step has one."""
    assert [phase.name for phase in PHASES] == ["fetch", "inspect", "encode", "verify", "publish"]


def test_the_request_comes_back_from_json() -> None:
    """As it was."""
    asked = replace(ASKED, echo={"scene_id": "s1"})
    assert RECIPE.read(asked.as_json()) == asked
