"""The way of a tape, step by step, as data."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import TypeAdapter

from oven.domain.errors import BadInputError, Code, FaultError, TransientError
from oven.domain.job import JobState
from oven.recipes.bake import RECIPE
from oven.recipes.plan import Limits
from oven.recipes.steps import Encode, Extract, Publish, Target
from oven.recipes.tape import TapeRequest

REQUEST = TapeRequest(path="/tape.zip", video=Target("b", "v.mp4"), thumbnail=Target("b", "t.jpg"))
ENTRIES = ["t/frame-0.png", "t/frame-1.png", "t/soundtrack.wav", "t/timing.json", "t/metadata.json"]
TIMING = [{"duration": 1000, "timestamp": 0}, {"duration": 1000, "timestamp": 1000}]
COLORS = {"color_space": "bt709", "color_primaries": "bt709", "color_transfer": "bt709", "color_range": "tv"}
VIDEO = {
    "codec_type": "video",
    "codec_name": "h264",
    "width": 192,
    "height": 192,
    "pix_fmt": "yuv420p",
    "nb_read_packets": "48",
    "duration": "2",
    **COLORS,
}
PROBE: dict[str, Any] = {
    "streams": [VIDEO, {"codec_type": "audio", "codec_name": "aac", "duration": "2"}],
    "format": {"duration": "2"},
    "boxes": ["moov", "mdat"],
}
LEARNED: dict[str, Any] = {
    "take": {"sha256": "x", "sizeBytes": 1},
    "find": {"fingerprint": "f", "found": None},
    "list": {"entries": ENTRIES},
    "extract": {"sizeBytes": 1},
    "extract-sound": {"sizeBytes": 1},
    "timing": {"value": TIMING},
    "metadata": {"value": {}},
    "sound": {
        "streams": [
            {
                "codec_type": "audio",
                "codec_name": "opus",
                "channels": 2,
                "sample_rate": "48000",
                "nb_read_packets": "9",
                "nb_read_frames": "9",
            }
        ]
    },
    "inspect": {
        "size": [64, 64],
        "transparent": False,
        "tones": {"equal_share": 0.9, "color_share": 0.01},
    },
}
ENCODED: dict[str, Any] = LEARNED | {
    "encode": {"sizeBytes": 1000, "seconds": 1.0, "ffmpeg": "5.1"},
    "thumbnail": {"sizeBytes": 10},
    "verify-encode": PROBE,
}


def names(results: dict[str, Any], limits: Limits, request: TapeRequest = REQUEST) -> list[str]:
    return [step.name for step in RECIPE.next_steps(request, results, limits)]


def up_to(*known: str) -> dict[str, Any]:
    return {name: LEARNED[name] for name in known}


def test_what_runs_when(limits: Limits) -> None:
    """Each stage's steps side by side, the next as soon as it can."""
    assert names({}, limits) == ["take"]
    assert names(up_to("take"), limits) == ["find"]
    assert names(up_to("take", "find"), limits) == ["list"]
    listed = up_to("take", "find", "list")
    assert names(listed, limits) == ["extract", "extract-sound"]
    assert names(listed | up_to("extract-sound"), limits) == ["extract", "sound"]
    unpacked = listed | up_to("extract", "extract-sound")
    assert names(unpacked, limits) == ["sound", "timing", "metadata"]
    assert names(unpacked | up_to("timing"), limits) == ["sound", "metadata", "inspect"]
    assert names(LEARNED, limits) == ["encode", "thumbnail"]
    assert names(LEARNED | {"encode": ENCODED["encode"]}, limits) == ["verify-encode", "thumbnail"]
    assert names(ENCODED, limits) == ["publish-video", "thumbnail"]
    assert names(ENCODED | {"publish-video": {}}, limits) == ["publish-thumbnail"]


def test_without_a_thumbnail(limits: Limits) -> None:
    """None is made where none was asked for."""
    request = replace(REQUEST, thumbnail=None)
    assert names(LEARNED, limits, request) == ["encode"]
    assert names(ENCODED, limits, request) == ["publish-video"]


def test_a_failed_thumbnail_is_not_published(limits: Limits) -> None:
    """The video is, and the result says why there is no thumbnail."""
    results = ENCODED | {"thumbnail": {"error": {"code": "FRAME_CORRUPT", "message": "it broke"}}}
    assert "publish-thumbnail" not in names(results, limits)
    published = {
        "bucket": "b",
        "key": "v.mp4",
        "contentType": "video/mp4",
        "isPublic": True,
        "sizeBytes": 1000,
        "sha256": "y",
    }
    outcome = RECIPE.finish(REQUEST, results | {"publish-video": published}, limits)
    assert outcome.state is JobState.DONE
    assert [artifact.name for artifact in outcome.artifacts] == ["video"]
    assert outcome.result is not None
    assert outcome.result["warnings"] == [
        {"code": "THUMBNAIL_FAILED", "message": "there is no thumbnail: it broke"}
    ]


def test_nothing_is_published_unverified(limits: Limits) -> None:
    """A file that is not what was meant fails the job instead."""
    wrong = PROBE | {"streams": [VIDEO | {"nb_read_packets": "47"}, PROBE["streams"][1]]}
    with pytest.raises(FaultError) as caught:
        RECIPE.next_steps(REQUEST, ENCODED | {"verify-encode": wrong}, limits)
    assert caught.value.code is Code.OUTPUT_INVALID


def test_one_corrective_pass(limits: Limits) -> None:
    """Made, verified, and then the smaller one is published, whichever that is."""
    tight = replace(limits, blob_bytes=900_000)
    results = ENCODED | {"encode": ENCODED["encode"] | {"sizeBytes": 1_000_000}}
    second = RECIPE.next_steps(REQUEST, results, tight)[0]
    assert isinstance(second, Encode)
    assert second.name == "encode-smaller"
    assert "-b:v" in second.arguments
    results["encode-smaller"] = ENCODED["encode"] | {"sizeBytes": 800_000}
    assert names(results, tight) == ["verify-encode-smaller", "thumbnail"]
    results["verify-encode-smaller"] = PROBE
    video = RECIPE.next_steps(REQUEST, results, tight)[0]
    assert isinstance(video, Publish)
    assert video.source == "encode-smaller/video.mp4"
    results["encode-smaller"] = ENCODED["encode"] | {"sizeBytes": 2_000_000}
    video = RECIPE.next_steps(REQUEST, results, tight)[0]
    assert isinstance(video, Publish)
    assert video.source == "encode/video.mp4"


def test_what_outgrew_its_limit_is_not_looked_at(limits: Limits) -> None:
    """The first encode is stopped at the limit; the second is not, and is published whatever its size."""
    first = RECIPE.next_steps(REQUEST, LEARNED, limits)[0]
    assert isinstance(first, Encode)
    assert first.max_bytes == limits.blob_bytes
    results = LEARNED | {"encode": {"sizeBytes": limits.blob_bytes + 1, "seconds": 1.0, "outgrown": True}}
    second = RECIPE.next_steps(REQUEST, results, limits)[0]
    assert isinstance(second, Encode)
    assert (second.name, second.max_bytes) == ("encode-smaller", None)
    results |= {"encode-smaller": ENCODED["encode"] | {"sizeBytes": limits.blob_bytes + 9}}
    results |= {"verify-encode-smaller": PROBE}
    video = RECIPE.next_steps(REQUEST, results, limits)[0]
    assert isinstance(video, Publish)
    assert video.source == "encode-smaller/video.mp4"


def test_entries_get_names_of_ours(limits: Limits) -> None:
    """No name from the archive is a name on disk, but for two that we chose."""
    files: list[list[str]] = []
    for step in RECIPE.next_steps(REQUEST, up_to("take", "find", "list"), limits):
        assert isinstance(step, Extract)
        files.append([file for _, file in step.entries])
    assert files == [["000000.png", "000001.png", "timing.json", "metadata.json"], ["sound.bin"]]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (BadInputError(Code.NO_FRAMES, "none"), JobState.FAILED),
        (TransientError(Code.CANCELLED, "stopped"), JobState.CANCELLED),
    ],
)
def test_how_failures_end(limits: Limits, error: TransientError, state: JobState) -> None:
    """With the error itself and nothing else."""
    outcome = RECIPE.finish(REQUEST, error, limits)
    assert (outcome.state, outcome.error, outcome.result, outcome.artifacts) == (state, error, None, ())


def test_requests_survive_json() -> None:
    """A request is written into the job and read from it."""
    request = replace(REQUEST, size=(1, 2), metadata={"a": 1})
    assert RECIPE.read(TypeAdapter(TapeRequest).dump_python(request, mode="json")) == request
