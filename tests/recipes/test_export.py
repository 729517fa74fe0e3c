"""Export: what follows from what was learned."""

from collections.abc import Sequence
from typing import Any

import pytest

from oven.domain.errors import BadInputError, Code, FaultError
from oven.domain.job import JobState, Lane
from oven.media.geometry import Size
from oven.media.operations import (
    Compress,
    CutMode,
    Moment,
    Operation,
    OptionError,
    Thumbnail,
    Transcode,
    Trim,
    Watermark,
)
from oven.recipes.export import PHASES, RECIPE, finish, next_steps, refusal
from oven.recipes.export_request import REQUESTS, ExportRequest, MarkSource
from oven.recipes.plan import Limits
from oven.recipes.steps import (
    Decode,
    Encode,
    Fetch,
    FetchObject,
    FindKeyFrame,
    Measure,
    PlainPicture,
    ProbeSource,
    Publish,
    Step,
    Target,
)
from tests.media.test_source import FILM, SOUND, probe

SMALLER = Transcode(size=Size(640, 360))
PICTURES = Thumbnail(timestamps=(Moment(1.0), Moment(50, "%")))


def request(*operations: Operation, marks: Sequence[MarkSource] = ()) -> ExportRequest:
    return ExportRequest(
        asset_id="a1",
        source=Target("b", "media/alice/a1/film.mp4"),
        operations=operations or (SMALLER,),
        marks=tuple(marks),
        folder=Target("b", "renditions/alice/j1/"),
        name="film",
        duration_s=5.0,
    )


def measured(*, video_bytes: int = 90_000, seconds: float = 5.02, **changes: Any) -> dict[str, Any]:
    """What is measured of a film of 640×360 that lasts so long."""
    video = {
        "index": 0,
        "codec_type": "video",
        "codec_name": "h264",
        "width": 640,
        "height": 360,
        "packets": 151,
        "bytes": video_bytes,
        "startS": 0.0,
        "endS": seconds,
        **changes,
    }
    sound = {"index": 1, "codec_type": "audio", "codec_name": "aac", "startS": 0.0, "endS": seconds}
    return {"sizeBytes": video_bytes + 10_000, "streams": [video, sound]}


def made(step: Step) -> dict[str, Any]:  # noqa: PLR0911 - one a kind
    """What a step gives that all goes well with."""
    match step:
        case Fetch() | FetchObject():
            return {"sha256": "c", "sizeBytes": 7}
        case ProbeSource():
            return probe(SOUND, FILM)
        case PlainPicture():
            return {"width": 40, "height": 20}
        case FindKeyFrame():
            return {"seconds": 1.0}
        case Encode():
            return {"sizeBytes": 100_000, "seconds": 1.0, "extras": dict.fromkeys(step.extras, 5)}
        case Measure():
            return measured()
        case Decode():
            return {"frames": 151, "complaints": 0}
        case Publish():
            return {
                "bucket": step.target.bucket,
                "key": step.target.key,
                "contentType": step.content_type,
                "isPublic": step.is_public,
                "sizeBytes": 100_000,
                "sha256": "s",
            }
        case _:
            raise AssertionError(step)


def run(
    asked: ExportRequest, limits: Limits, **given: Any
) -> tuple[list[list[str]], dict[str, Any], list[Step]]:
    """Carry a job out, stage after stage, in what steps are said to give → stages, results, steps."""
    results: dict[str, Any] = {}
    stages: list[list[str]] = []
    done: list[Step] = []
    while stage := next_steps(asked, results, limits):
        stages.append([step.name for step in stage])
        done.extend(stage)
        results |= {step.name: given.get(step.name.replace("-", "_"), made(step)) for step in stage}
    return stages, results, done


def test_the_way(limits: Limits) -> None:
    """Taken; probed; made at once; proved; published, the film last."""
    asked = request(SMALLER, PICTURES)
    stages, results, steps = run(asked, limits)
    assert stages == [
        ["take"],
        ["probe"],
        ["encode"],
        ["measure-encode"],
        ["decode"],
        ["publish-thumbnail-1.jpg", "publish-thumbnail-2.jpg"],
        ["publish-video"],
    ]
    encode = steps[2]
    assert isinstance(encode, Encode)
    assert (encode.output, encode.extras) == ("film.mp4", ("1-thumbnail-1.jpg", "1-thumbnail-2.jpg"))
    assert (encode.timeout_s, encode.broken) == (limits.export_s, Code.MEDIA_INVALID)
    outcome = finish(asked, results, limits)
    assert outcome.state is JobState.DONE
    assert outcome.result is not None
    assert outcome.result["video"] == {
        "key": "renditions/alice/j1/film.mp4",
        "format": "mp4",
        "sizeBytes": 100_000,
        "duration": 5.02,
        "width": 640,
        "height": 360,
        "videoCodec": "h264",
        "audioCodec": "aac",
    }
    assert [(still["time"], still["key"]) for still in outcome.result["thumbnails"]] == [
        (1.0, "renditions/alice/j1/thumbnail-1.jpg"),
        (2.51, "renditions/alice/j1/thumbnail-2.jpg"),
    ]
    assert outcome.result["verification"] == {
        "decoded": "all frames",
        "frames": 151,
        "duration": 5.02,
        "expectedDuration": 5.02,
        "audioOffset": 0.0,
        "sizeBytes": 100_000,
    }
    assert {artifact.name for artifact in outcome.artifacts} == {"video", "thumbnail-1", "thumbnail-2"}
    assert not any(artifact.is_public for artifact in outcome.artifacts)
    assert outcome.callback is not None
    assert (outcome.callback["status"], outcome.callback["videoId"]) == ("complete", "a1")


def test_watermarks(limits: Limits) -> None:
    """Come beside the source, from wherever they are, and are made plain before ffmpeg sees them."""
    marks = (MarkSource(url="https://h/logo.png"), MarkSource(target=Target("b", "media/alice/i1/logo.webp")))
    asked = request(SMALLER, Watermark(), Watermark(), marks=marks)
    stages, _, steps = run(asked, limits)
    assert stages[:2] == [["take", "mark-0", "mark-1"], ["probe", "picture-0", "picture-1"]]
    fetch = steps[1]
    assert isinstance(fetch, Fetch)
    assert (fetch.label, fetch.may_be_private) == ("the watermark of operation 1", False)
    encode = next(step for step in steps if isinstance(step, Encode))
    assert [(link.source, link.file) for link in encode.links] == [
        ("take/source", "in/source"),
        ("picture-0/mark.png", "in/mark-0.png"),
        ("picture-1/mark.png", "in/mark-1.png"),
    ]


def test_a_cut_by_key_frames(limits: Limits) -> None:
    """Begins where a key frame was found, and is a copy, whose key frames are decoded."""
    asked = request(Trim(start=Moment(1.5), end=Moment(4.0), mode=CutMode.KEYFRAMES))
    stages, results, steps = run(asked, limits, measure_encode=measured(seconds=3.0))
    assert stages[2] == ["key"]
    key, encode, decode = steps[2], steps[3], steps[5]
    assert isinstance(key, FindKeyFrame)
    assert (key.at_s, key.stream) == (1.5, 1)
    assert isinstance(encode, Encode)
    assert encode.arguments[encode.arguments.index("-ss") + 1] == "0.999500"
    assert isinstance(decode, Decode)
    assert decode.keys_only
    result = finish(asked, results, limits).result or {}
    assert result["verification"]["decoded"] == "key frames"
    assert "begins at 1 s of the source" in result["warnings"][0]["message"]


def test_pictures_alone(limits: Limits) -> None:
    """No film is made, so none is proved; what could not be taken is told."""
    asked = request(PICTURES)
    stages, results, steps = run(asked, limits, encode={"sizeBytes": 5, "seconds": 1.0, "extras": {}})
    assert stages == [["take"], ["probe"], ["encode"], ["publish-thumbnail-1.jpg"]]
    encode = steps[2]
    assert isinstance(encode, Encode)
    assert (encode.output, encode.extras) == ("1-thumbnail-1.jpg", ("1-thumbnail-2.jpg",))
    result = finish(asked, results, limits).result or {}
    assert (result["video"], result["verification"]) == (None, None)
    assert [warning["code"] for warning in result["warnings"]] == ["THUMBNAIL_FAILED"]


def test_a_size_that_is_reached(limits: Limits) -> None:
    """Within three in a hundred there is no second encode."""
    stages, results, _ = run(request(SMALLER, Compress(target_bytes=102_000)), limits)
    assert ["encode-again"] not in stages
    result = finish(request(SMALLER, Compress(target_bytes=102_000)), results, limits).result or {}
    assert result["warnings"] == []


@pytest.mark.parametrize(
    ("first", "second", "best", "warnings"),
    [
        (190_000, 91_000, "encode-again", []),
        (190_000, 80_000, "encode-again", ["TARGET_MISSED"]),
        (86_000, 200_000, "encode", ["TARGET_MISSED"]),
    ],
)
def test_a_size_that_is_missed(
    limits: Limits, first: int, second: int, best: str, warnings: list[str]
) -> None:
    """One second encode, which reads what the first has learned; the nearer of the two is the film."""
    asked = request(SMALLER, Compress(target_bytes=100_000))
    films = {
        "encode": {"sizeBytes": first + 10_000, "seconds": 1.0, "extras": {}},
        "encode_again": {"sizeBytes": second + 10_000, "seconds": 1.0},
        "measure_encode": measured(video_bytes=first),
        "measure_encode_again": measured(video_bytes=second),
    }
    stages, results, steps = run(asked, limits, **films)
    assert stages[2:7] == [
        ["encode"],
        ["measure-encode"],
        ["encode-again"],
        ["measure-encode-again"],
        ["decode"],
    ]
    again = steps[4]
    assert isinstance(again, Encode)
    assert {link.source for link in again.links} >= {"take/source", "encode/video.stats"}
    publish = steps[-1]
    assert isinstance(publish, Publish)
    assert publish.source == f"{best}/film.mp4"
    result = finish(asked, results, limits).result or {}
    assert [warning["code"] for warning in result["warnings"]] == warnings


def test_nothing_is_published_before_it_is_proved(limits: Limits) -> None:
    """A film that is not what was meant ends the job; one that its source lied about is the caller's."""
    asked = request(SMALLER, PICTURES)
    with pytest.raises(FaultError, match="it is 638×360, not 640×360"):
        run(asked, limits, measure_encode=measured(width=638))
    with pytest.raises(FaultError, match="150 of its 151 frames"):
        run(asked, limits, decode={"frames": 150, "complaints": 0})
    with pytest.raises(BadInputError, match=r"the film ends after 3\.000 s") as refused:
        run(asked, limits, measure_encode=measured(seconds=3.0))
    assert refused.value.code is Code.MEDIA_INVALID


def test_what_the_file_itself_does_not_allow(limits: Limits) -> None:
    """A source that is not what its asset said is refused by the operation that it does not suit."""
    late = request(SMALLER, Trim(start=Moment(9.0)))
    with pytest.raises(BadInputError, match=r"operation 1 \(trim\): start must be before the end") as refused:
        run(late, limits)
    assert refused.value.code is Code.OPERATION_INVALID


def test_refusal() -> None:
    """Names the operation by its index, and what it is."""
    told = refusal(OptionError(1, "crf", "must be 0 to 51"), (SMALLER, Compress(crf=99)))
    assert told.message == "operation 1 (compress): crf must be 0 to 51"


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (FaultError(Code.OUTPUT_INVALID, "no"), JobState.FAILED),
        (BadInputError(Code.CANCELLED, "stopped"), JobState.CANCELLED),
    ],
)
def test_an_end_without_a_film(limits: Limits, error: Any, state: JobState) -> None:
    """Tells why, and which source it was."""
    outcome = finish(request(), error, limits)
    assert outcome.state is state
    assert outcome.callback == {
        "videoId": "a1",
        "status": "error",
        "error": error.message,
        "errorCode": error.code,
    }


def test_recipe(limits: Limits) -> None:
    """Its own lane; its request survives JSON; every step belongs to a phase."""
    marks = (MarkSource(url="https://h/logo.png"), MarkSource(target=Target("b", "k")))
    operations = (SMALLER, Watermark(), Watermark(), Trim(start=Moment(10, "%")), PICTURES)
    asked = request(*operations, marks=marks)
    assert RECIPE.read(asked.as_json()) == asked
    assert REQUESTS.validate_json(REQUESTS.dump_json(asked)) == asked
    assert (RECIPE.kind, RECIPE.lane) == ("export", Lane.EXPORT)
    _, _, steps = run(request(SMALLER, PICTURES), limits)
    assert {step.phase for step in steps} <= {phase.name for phase in PHASES}
