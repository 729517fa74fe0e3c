"""What an export would do, told without doing it."""

import shlex
from fractions import Fraction

import pytest

from oven.doors.export_forecast import forecast_json
from oven.media.edit import Edit
from oven.media.geometry import Size
from oven.media.operations import Moment, Operation, Thumbnail, Transcode, Trim
from oven.media.source import Source
from tests.doors.test_export_job import COPY, EDIT, PICTURES

SOURCE = Source(
    container="mp4",
    demuxer="mov",
    size_bytes=1_000_000,
    video_index=0,
    video_tracks=1,
    audio_tracks=1,
    codec="h264",
    size=Size(64, 48),
    pixel_aspect=Fraction(1),
    rotation=0,
    pixel_format="yuv420p",
    hdr=None,
    rate=25.0,
    is_variable_rate=False,
    duration_s=10.0,
    bitrate=None,
    sound=None,
    decoded=None,
)
THUMBNAIL = Thumbnail(timestamps=(Moment(5),))


def test_an_encode() -> None:
    """Is one pass over all operations, with the film that it makes."""
    said = forecast_json(EDIT, SOURCE, (Transcode(), THUMBNAIL, THUMBNAIL), threads=2)
    assert said["dryRun"] is True
    (run,) = said["passes"]
    assert (run["operations"], run["mode"]) == (["transcode", "thumbnail"], "encode")
    assert shlex.split(run["command"])[0] == "ffmpeg"
    assert {"in/source", "libx264", "%d-thumbnail-1.jpg"} <= set(shlex.split(run["command"]))
    assert said["output"] == {
        "format": "mp4",
        "videoCodec": "h264",
        "audioCodec": "aac",
        "width": 64,
        "height": 48,
        "duration": 10.0,
        "frameRate": 29.97,
    }
    assert said["thumbnails"] == [{"time": 5.0, "file": "thumbnail-1.jpg"}]
    assert (said["reasons"], said["warnings"]) == (list(EDIT.reasons), list(EDIT.warnings))
    assert said["predicted"]["sizeBytes"] > 0
    assert said["predicted"]["seconds"] > 0


@pytest.mark.parametrize(
    ("edit", "operation", "mode", "codec"),
    [(COPY, Trim(), "copy", "h264"), (PICTURES, THUMBNAIL, "encode", None)],
)
def test_what_is_copied(edit: Edit, operation: Operation, mode: str, codec: str | None) -> None:
    """Says so; where pictures alone are taken there is no film."""
    said = forecast_json(edit, SOURCE, (operation,), threads=1)
    assert said["passes"][0]["mode"] == mode
    assert (said["output"] and said["output"]["videoCodec"]) == codec
