"""What samples of pictures mean."""

from dataclasses import replace

import pytest

from oven.media.colours import assumed_colors, bits_of
from oven.media.edit import Colors
from oven.media.geometry import Size
from tests.plans import FILM, PQ


@pytest.mark.parametrize(
    ("said", "size", "rotation", "assumed"),
    [
        (Colors("bt470bg", "bt470bg", "bt709"), Size(1280, 720), 0, Colors("bt470bg", "bt470bg", "bt709")),
        (Colors(), Size(1280, 720), 0, Colors("bt709", "bt709", "bt709")),
        (Colors(), Size(1280, 718), 0, Colors("smpte170m", "smpte170m", "smpte170m")),
        (Colors(), Size(1280, 718), 90, Colors("bt709", "bt709", "bt709")),
        (Colors(range="pc"), Size(1280, 720), 0, Colors("bt709", "bt709", "bt709", "pc")),
        (
            Colors("gbr", "bt709", "iec61966-2-1"),
            Size(1280, 720),
            0,
            Colors("bt709", "bt709", "iec61966-2-1"),
        ),
        (Colors("bt709", "reserved", "log100"), Size(1280, 720), 0, Colors("bt709", "bt709", "bt709")),
    ],
)
def test_what_is_assumed(said: Colors, size: Size, rotation: int, assumed: Colors) -> None:
    """What the source says, where 4:2:0 can be so; else what its upright lines are taken for."""
    assert assumed_colors(replace(FILM, colors=said, size=size, rotation=rotation)) == assumed


@pytest.mark.parametrize(("hdr", "transfer"), [("pq", "smpte2084"), ("hlg", "arib-std-b67")])
def test_high_dynamic_ranges(hdr: str, transfer: str) -> None:
    """What does not say more is of BT.2020, and its transfer is kept."""
    source = replace(PQ, hdr=hdr, colors=Colors(transfer=transfer))
    assert assumed_colors(source) == Colors("bt2020nc", "bt2020", transfer)


@pytest.mark.parametrize(
    ("pixel_format", "bits"),
    [("yuv420p", 8), ("yuv422p10le", 10), ("p010le", 10), ("gbrp12be", 12), ("rgb48le", 8), ("", 8)],
)
def test_depths(pixel_format: str, bits: int) -> None:
    """By the name of the pixel format, as far as it says so."""
    assert bits_of(pixel_format) == bits
