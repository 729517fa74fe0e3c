"""Values of options: what is taken, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic_core import PydanticCustomError

from oven.doors import operation_values as values
from oven.doors.complaints import CONTEXT
from oven.media.geometry import Size
from oven.media.operations import Moment, Position, StillFormat, VideoCodec

video_bitrate = values.bitrate(*values.VIDEO_BPS, "1000k")
crf = values.number(0, 63)
share = values.number(0, 1, above=True)
codec, still = values.word(VideoCodec), values.word(StillFormat)


@pytest.mark.parametrize(
    ("take", "given", "taken"),
    [
        (video_bitrate, "1000k", 1_000_000),
        (video_bitrate, "2.5M", 2_500_000),
        (video_bitrate, "800K", 800_000),
        (video_bitrate, "1500000", 1_500_000),
        (video_bitrate, 1_500_000, 1_500_000),
        (crf, 23, 23.0),
        (crf, 0, 0.0),
        (share, 0.001, 0.001),
        (share, 1, 1.0),
        (codec, "h264", VideoCodec.H264),
        (codec, "HEVC", VideoCodec.H265),
        (codec, "avc", VideoCodec.H264),
        (still, "jpg", StillFormat.JPEG),
        (values.pixels, 0, 0),
        (values.pixels, 4_096, 4_096),
        (values.resolution, "1920x1080", Size(1920, 1080)),
        (values.resolution, "1280X720", Size(1280, 720)),
        (values.resolution, "640×480", Size(640, 480)),
        (values.resolution, "720p", 720),
        (values.size, "320x240", Size(320, 240)),
        (values.target_bytes, 1_000, 1_000),
        (values.target_bytes, "25MB", 25_000_000),
        (values.target_bytes, "1.5 GB", 1_500_000_000),
        (values.target_bytes, "24mib", 24 << 20),
        (values.target_bytes, "512kB", 512_000),
        (values.target_bytes, "900B", 900),
        (values.position, "top-left", Position.TOP_LEFT),
        (values.position, "topLeft", Position.TOP_LEFT),
        (values.position, "top_left", Position.TOP_LEFT),
        (values.position, "BOTTOM RIGHT", Position.BOTTOM_RIGHT),
        (values.position, "center", Position.CENTER),
        (values.moment, 0, Moment(0.0)),
        (values.moment, 12.5, Moment(12.5)),
        (values.moment, "12.5", Moment(12.5)),
        (values.moment, "90s", Moment(90.0)),
        (values.moment, "00:01:02.5", Moment(62.5)),
        (values.moment, "1:05", Moment(65.0)),
        (values.moment, "50%", Moment(50.0, "%")),
        (values.moment, "100%", Moment(100.0, "%")),
        (values.moments, ["50%", 1], (Moment(50.0, "%"), Moment(1.0))),
    ],
)
def test_what_is_taken(take: Callable[[object], Any], given: object, taken: object) -> None:
    """As it is used."""
    assert take(given) == taken


NOTHING: tuple[Any, ...] = ("50%", [], [None], [1] * 21, {}, 5)
NO_WORDS: tuple[Any, ...] = (None, 1, True, "", "libx264", "h264 ", ["h264"])
NO_NUMBERS: tuple[Any, ...] = (None, True, "23", -0.001, 63.5, float("nan"), float("inf"), [], {})
NO_SIZES: tuple[Any, ...] = (
    None,
    720,
    "720",
    "1920",
    "1920x",
    "x1080",
    "0x0",
    "1x1080",
    "1920x16385",
    "-1920x1080",
    "1e3x10",
)
NO_BITRATES: tuple[Any, ...] = (
    None,
    True,
    0,
    -5,
    9_999,
    200_000_001,
    "",
    "k",
    "1000kb",
    "1,000k",
    "-1k",
    "1e6",
    "9" * 20,
    "\u0661k",
)
NO_MOMENTS: tuple[Any, ...] = (
    None,
    True,
    -1,
    86_401,
    "-1",
    "x",
    "1:2:3:4",
    "1:60",
    "60:00:00:00",
    "101%",
    "%",
    "1m",
    "",
    [],
)


@pytest.mark.parametrize(
    ("take", "given"),
    [
        *((codec, given) for given in NO_WORDS),
        *((crf, given) for given in NO_NUMBERS),
        *((share, given) for given in (0, -1, 1.01, "0.5", True)),
        *((values.pixels, given) for given in (-1, 4_097, 1.5, True, "10", None)),
        *((values.resolution, given) for given in (*NO_SIZES, "1p", "16385p", "p", "4k")),
        *((values.size, given) for given in (*NO_SIZES, "720p")),
        *((video_bitrate, given) for given in NO_BITRATES),
        *(
            (values.target_bytes, given)
            for given in (0, -1, True, "", "25", "MB", "25XB", "25 MBs", "9" * 30, None)
        ),
        *((values.position, given) for given in (None, 1, "", "middle", "top-top", "left-top")),
        *((values.moment, given) for given in NO_MOMENTS),
        *((values.moments, given) for given in NOTHING),
    ],
)
def test_what_is_refused(take: Callable[[object], Any], given: object) -> None:
    """With what would be right."""
    with pytest.raises(PydanticCustomError) as refused:
        take(given)
    assert refused.value.context is not None
    assert all(" must be " in one.about for one in refused.value.context[CONTEXT])


def test_of_a_list_each_is_named() -> None:
    """That is wrong."""
    with pytest.raises(PydanticCustomError) as refused:
        values.moments([1, "x", "50%", -1])
    assert refused.value.context is not None
    found = [(one.below, one.about.split()[0]) for one in refused.value.context[CONTEXT]]
    assert found == [("/1", "[1]"), ("/3", "[3]")]


def test_null_passes_where_it_may() -> None:
    """As if it were left out."""
    assert values.optional(codec)(None) is None
    assert values.optional(codec)("vp9") is VideoCodec.VP9
