"""A finished file that is not what was meant is refused, whatever differs."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from oven.domain.errors import Code, FaultError
from oven.media.facts import Facts, SoundStream, VideoStream
from oven.media.geometry import Size
from oven.media.verify import COLOUR, Expected, av_offset, check_mp4

VIDEO = VideoStream(
    codec="h264",
    profile="High",
    size=Size(192, 96),
    pixel_format="yuv420p",
    packets=60,
    start_s=0.0,
    duration_s=1.0,
    colour=COLOUR,
)
SOUND = SoundStream(
    codec="aac",
    packets=47,
    frames=0,
    sample_rate_hz=48_000,
    channels=2,
    layout="stereo",
    start_s=0.0,
    duration_s=1.0,
)
GOOD = Facts(video=(VIDEO,), sound=(SOUND,), duration_s=1.0, size_bytes=9, boxes=("ftyp", "moov", "mdat"))
EXPECTED = Expected(size=Size(192, 96), frames=60, rate=Fraction(60), has_sound=True)


def test_a_good_file_passes() -> None:
    """And one without sound, where none is meant."""
    check_mp4(GOOD, EXPECTED)
    check_mp4(replace(GOOD, sound=()), replace(EXPECTED, has_sound=False))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"video": ()}, "0 video"),
        ({"video": (VIDEO, VIDEO)}, "2 video"),
        ({"sound": ()}, "0 audio"),
        ({"sound": (replace(SOUND, codec="mp3"),)}, "mp3, not aac"),
        ({"sound": (replace(SOUND, start_s=0.03),)}, "30 ms apart"),
        ({"sound": (replace(SOUND, duration_s=0.9),)}, "100 ms apart"),
        ({"video": (replace(VIDEO, codec="vp9"),)}, "vp9, not h264"),
        ({"video": (replace(VIDEO, pixel_format="yuv444p"),)}, "yuv444p"),
        ({"video": (replace(VIDEO, colour=("smpte170m", "bt709", "bt709", "tv")),)}, "smpte170m"),
        ({"video": (replace(VIDEO, size=Size(190, 96)),)}, "190×96, not 192×96"),
        ({"video": (replace(VIDEO, packets=59),)}, "59 frames, not 60"),
        ({"duration_s": 1.03}, "lasts 1.030 s, not 1.000 s"),
        ({"boxes": ("ftyp", "mdat", "moov")}, "moov"),
        ({"boxes": ()}, "moov"),
    ],
)
def test_every_difference_is_named(changes: dict[str, Any], says: str) -> None:
    """OUTPUT_INVALID with what is wrong and what was meant."""
    with pytest.raises(FaultError) as caught:
        check_mp4(replace(GOOD, **changes), EXPECTED)
    assert caught.value.code is Code.OUTPUT_INVALID
    assert says in caught.value.message


def test_offset_at_both_ends() -> None:
    """How much later the sound starts, and how much later it ends."""
    offset = av_offset(replace(GOOD, sound=(replace(SOUND, start_s=0.01, duration_s=1.005),)))
    assert offset is not None
    assert offset.start_s == pytest.approx(0.01)
    assert offset.end_s == pytest.approx(0.015)
    assert av_offset(replace(GOOD, sound=())) is None
