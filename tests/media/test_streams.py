"""Which streams matter."""

from typing import Any

import pytest

from oven.media.streams import (
    MAX_SIDE_DATA,
    hdr_of,
    is_encrypted,
    main_stream,
    pictures,
    side_data,
    sounds,
    thin_stream,
)

COVER = {"index": 0, "codec_type": "video", "disposition": {"attached_pic": 1}}
FILM = {"index": 1, "codec_type": "video", "disposition": {"attached_pic": 0}}
SOUND = {"index": 2, "codec_type": "audio"}
DATA = {"index": 3, "codec_type": "data"}


def beside(*kinds: str) -> dict[str, Any]:
    return {"side_data_list": [{"side_data_type": kind} for kind in kinds]}


@pytest.mark.parametrize(
    ("streams", "index"),
    [([COVER, SOUND, FILM], 1), ([COVER, SOUND], 2), ([DATA, SOUND], 2), ([COVER], None), ([], None)],
)
def test_main_stream(streams: list[dict[str, Any]], index: int | None) -> None:
    """Moving pictures come before sound; covers and data are never it."""
    main = main_stream(streams)
    assert (main and main["index"]) == index


def test_counting() -> None:
    """Covers are no film."""
    streams = [COVER, FILM, SOUND, SOUND, DATA]
    assert (len(pictures(streams)), len(sounds(streams))) == (1, 2)


@pytest.mark.parametrize(
    ("stream", "hdr"),
    [
        ({}, None),
        ({"color_transfer": "bt709"}, None),
        ({"color_transfer": "smpte2084"}, "pq"),
        ({"color_transfer": "smpte2084", **beside("Mastering display metadata")}, "hdr10"),
        ({"color_transfer": "bt709", **beside("Mastering display metadata")}, None),
        ({"color_transfer": "arib-std-b67"}, "hlg"),
        ({"color_transfer": "smpte2084", **beside("DOVI configuration record")}, "dolby_vision"),
        ({"codec_tag_string": "dvh1"}, "dolby_vision"),
    ],
)
def test_high_dynamic_range(stream: dict[str, Any], hdr: str | None) -> None:
    """By the transfer, and by what stands beside."""
    assert hdr_of(stream) == hdr


@pytest.mark.parametrize(
    ("streams", "packets", "expected"),
    [
        ([FILM], [{}], False),
        ([{"codec_tag_string": "encv"}], [], True),
        ([{"codec_tag_string": "drms"}], [], True),
        ([beside("Encryption initialization data")], [], True),
        ([FILM], [{}, beside("Encryption info")], True),
    ],
)
def test_encryption(streams: list[dict[str, Any]], packets: list[dict[str, Any]], *, expected: bool) -> None:
    """By a tag, by what stands beside a stream, or beside a packet."""
    assert is_encrypted(streams, packets) is expected


def test_thinning() -> None:
    """Of side data only kinds, turns and light stay, and not without end."""
    stream = {"index": 1, "side_data_list": [{"side_data_type": "x", "rotation": 90, "more": "y"}] * 99}
    thin = thin_stream(stream)
    assert thin["side_data_list"] == [{"side_data_type": "x", "rotation": 90}] * MAX_SIDE_DATA
    assert side_data(thin) == {"x"}
