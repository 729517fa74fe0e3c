"""Guesses of what an export takes."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from oven.media.edit import CappedCrf, Edit, Rate, TargetSize
from oven.media.encode import Bitrate, Crf
from oven.media.estimate import estimate
from oven.media.geometry import Size
from oven.media.operations import Preset, SoundCodec, VideoCodec
from oven.media.source import SoundTrack, Source
from tests.edits import AAC, COPY, H264, PICTURES, PLAIN, STILLS

CODECS = (VideoCodec.H264, VideoCodec.H265, VideoCodec.VP9, VideoCodec.AV1)
USUAL = Crf(23)
SOURCE = Source(
    container="mp4",
    demuxer="mov",
    size_bytes=1_000_000,
    video_index=0,
    video_tracks=1,
    audio_tracks=1,
    codec="h264",
    size=Size(128, 96),
    pixel_aspect=Fraction(1),
    rotation=0,
    pixel_format="yuv420p",
    hdr=None,
    rate=30.0,
    is_variable_rate=False,
    duration_s=6.0,
    bitrate=1_100_000,
    sound=SoundTrack(index=1, codec="aac", sample_rate_hz=48_000, channels=2, bitrate=128_000),
    decoded=None,
)


def film(rate: Rate = USUAL, **changes: Any) -> Edit:
    return replace(PLAIN, video=replace(H264, rate=rate, **changes))


def size_bytes(edit: Edit, source: Source = SOURCE) -> int:
    return estimate(edit, source, threads=2).size_bytes


def seconds(edit: Edit, source: Source = SOURCE, threads: int = 2) -> float:
    return estimate(edit, source, threads=threads).seconds


def test_a_size_is_what_was_asked_for() -> None:
    """Sound and all."""
    assert size_bytes(film(TargetSize(300_000, 1))) == 300_000


def test_a_cap_bounds_a_size() -> None:
    """A quality makes what it makes, but no more than the rate that bounds it."""
    free = size_bytes(film(Crf(23)))
    assert size_bytes(film(CappedCrf(23, 100_000_000, 1))) == free
    assert size_bytes(film(CappedCrf(23, 20_000, 1))) == pytest.approx((20_000 + 128_000) * 6 / 8, rel=0.05)


def test_a_bitrate_makes_a_size() -> None:
    """With the sound's, and a little for the container."""
    expected = (1_000_000 + 128_000) * 6 / 8
    assert expected < size_bytes(film(Bitrate(1_000_000))) < 1.02 * expected
    silent = replace(film(Bitrate(1_000_000)), sound=None)
    assert 750_000 < size_bytes(silent) < 760_000


@pytest.mark.parametrize(
    ("codec", "crf", "measured_bytes"),
    [
        (VideoCodec.H264, 17, 1_602_000),
        (VideoCodec.H264, 29, 349_200),
        (VideoCodec.H265, 22, 1_159_200),
        (VideoCodec.VP9, 25, 2_062_800),
        (VideoCodec.VP9, 45, 590_400),
        (VideoCodec.AV1, 25, 1_497_600),
        (VideoCodec.AV1, 45, 421_200),
    ],
)
def test_qualities(codec: VideoCodec, crf: float, measured_bytes: int) -> None:
    """Near to what 125 frames of a fractal at 640×360 took, at other numbers than the model's own."""
    edit = replace(film(Crf(crf), codec=codec, size=Size(640, 360)), frames=125, duration_s=5.0, sound=None)
    assert 0.6 < size_bytes(edit, replace(SOURCE, bitrate=None)) / measured_bytes < 1.6


def test_simple_films_stay_small() -> None:
    """What was told in few bits takes half as many again at most, of as much of its picture."""
    large: dict[str, Any] = {"frames": 125, "duration_s": 5.0, "sound": None, "upright": Size(640, 360)}
    edit = replace(film(Crf(17), size=Size(640, 360)), **large)
    simple = replace(SOURCE, bitrate=80_000)
    assert size_bytes(edit, simple) == pytest.approx(5 * 80_000 * 1.5 / 8, rel=0.05)
    small = replace(film(Crf(17), size=Size(320, 180)), **large)
    assert size_bytes(small, simple) == pytest.approx(5 * 80_000 * 1.5 / 4 / 8, rel=0.1)


def test_copies_take_what_they_took() -> None:
    """Their share of the source, never more; by its bitrate, where that is known."""
    whole = size_bytes(COPY)
    assert 900_000 < whole <= SOURCE.size_bytes
    half = replace(COPY, duration_s=3.0, frames=90)
    assert size_bytes(half) == pytest.approx(whole / 2, rel=0.01)
    assert size_bytes(half, replace(SOURCE, bitrate=None)) == 500_000
    assert size_bytes(half, replace(SOURCE, bitrate=None, duration_s=0.0)) == SOURCE.size_bytes


def test_sound() -> None:
    """FLAC has no bitrate; a copy has the source's."""
    flac = replace(AAC, codec=SoundCodec.FLAC, bitrate_bps=None)
    lossless = size_bytes(replace(film(), sound=flac)) - size_bytes(film())
    assert lossless == pytest.approx((48_000 * 2 * 11 - 128_000) * 6 / 8)
    assert size_bytes(replace(film(), sound=COPY.sound)) == size_bytes(film())


def test_pictures_alone() -> None:
    """Some bits a pixel; each is looked for by itself."""
    assert size_bytes(PICTURES) == sum((128 * 96 * 2 // 8, 32 * 32 * 12 // 8, 32 * 32 * 3 // 16))
    assert seconds(PICTURES) > seconds(replace(PICTURES, stills=STILLS[:1]))
    assert size_bytes(replace(film(), stills=STILLS)) > size_bytes(film())


def test_time_grows_with_pixels_and_work() -> None:
    """Presets, codecs, depth and size cost; threads help; a copy takes next to nothing."""
    large = film(size=Size(1920, 1080))
    for codec in CODECS:
        times = [seconds(film(codec=codec, preset=preset, size=Size(1920, 1080))) for preset in Preset]
        assert times == sorted(times)
    assert seconds(film(depth=10, size=Size(1920, 1080))) > seconds(large)
    assert seconds(large, threads=1) > 1.8 * seconds(large)
    assert seconds(large, replace(SOURCE, size=Size(3840, 2160))) > 1.5 * seconds(large)
    assert seconds(COPY) < 0.3


def test_a_minute_of_1080p() -> None:
    """At x264's veryfast on two processors: of the order of half a minute, as was seen."""
    minute = replace(film(size=Size(1920, 1080)), frames=1500, duration_s=60.0)
    assert 15 < seconds(minute, replace(SOURCE, size=Size(1920, 1080))) < 90
