"""The truth in a result."""

from typing import Any

from oven.media.encode import PIXEL, Bitrate
from oven.recipes.plan import Limits
from oven.recipes.steps import Target
from oven.recipes.tape import TapeRequest, plan_of
from oven.recipes.tape_report import artifacts, report
from tests.recipes.test_tape_steps import ENCODED

REQUEST = TapeRequest(path="/tape.zip", video=Target("b", "v.mp4"))


def made(results: dict[str, Any], limits: Limits, **changes: Any) -> dict[str, Any]:
    plan = plan_of(REQUEST, results, limits)
    given: dict[str, Any] = {
        "made": "encode",
        "passes": ["encode"],
        "quality": PIXEL.quality,
    }
    return report(plan, results, limits, **given | changes)


def test_a_whole_report(limits: Limits) -> None:
    """Every member, with its unit in its name or in the documents."""
    assert made(ENCODED, limits) == {
        "videoUrl": None,
        "thumbnailUrl": None,
        "duration": 2.0,
        "size": 1000,
        "resolution": [192, 192],
        "sourceResolution": [64, 64],
        "frames": 48,
        "rate": "24",
        "sourceFrames": 2,
        "droppedFrames": 0,
        "repeatedFrames": 46,
        "identicalFrames": 0,
        "largestStartErrorMs": 0.0,
        "avOffsetMs": {"start": 0.0, "end": 0.0},
        "encodeSeconds": 1.0,
        "encoder": {
            "codec": "libx264",
            "profile": "pixel",
            "tones": {"equalNeighbours": 0.9, "colors": 0.01},
            "preset": "ultrafast",
            "quality": 50,
            "qp": 19,
            "x264Params": PIXEL.params(2),
            "threads": 2,
            "passes": 1,
            "ffmpeg": "5.1",
        },
        "color": {"matrix": "bt709", "primaries": "bt709", "transfer": "bt709", "range": "tv"},
        "reused": None,
        "warnings": [],
    }


def test_a_bitrate_is_told_as_one(limits: Limits) -> None:
    """In place of the CRF."""
    encoder = made(ENCODED, limits, quality=Bitrate(5))["encoder"]
    assert encoder["bitrate"] == 5
    assert "qp" not in encoder


def test_every_pass_counts(limits: Limits) -> None:
    """The time of an encode that was stopped, too."""
    results = ENCODED | {"first": {"sizeBytes": 9_000_000, "seconds": 0.5, "outgrown": True}}
    told = made(results, limits, passes=["first", "encode"])
    assert told["encodeSeconds"] == 1.5
    assert told["encoder"]["passes"] == 2


def test_every_warning_is_told(limits: Limits) -> None:
    """Of metadata, of pictures, of thumbnails, of sizes."""
    results = ENCODED | {
        "list": {"entries": [*ENCODED["list"]["entries"], "t/other.png"]},
        "metadata": {"value": {"frameCount": 3, "scale": -1}},
        "publish-thumbnail": {"error": {"message": "no room"}},
        "encode": ENCODED["encode"] | {"sizeBytes": 99_000_000},
    }
    assert [warning["code"] for warning in made(results, limits)["warnings"]] == [
        "METADATA_INVALID",
        "METADATA_MISMATCH",
        "PICTURES_UNUSED",
        "THUMBNAIL_FAILED",
        "OVER_BLOB_LIMIT",
    ]


def test_unreadable_metadata_is_a_warning(limits: Limits) -> None:
    """The file is optional, so is its sense."""
    results = ENCODED | {"metadata": {"error": {"message": "metadata.json is not JSON"}}}
    assert made(results, limits)["warnings"] == [
        {"code": "METADATA_INVALID", "message": "metadata.json is not JSON"}
    ]


def test_artifacts_are_what_was_published() -> None:
    """And nothing else."""
    published = {
        "bucket": "b",
        "key": "k",
        "contentType": "video/mp4",
        "isPublic": True,
        "sizeBytes": 7,
        "sha256": "x",
    }
    (artifact,) = artifacts({"publish-video": published, "publish-thumbnail": {"error": {}}})
    assert (artifact.name, artifact.target, artifact.size_bytes) == ("video", Target("b", "k"), 7)
