"""How a film comes to be as large as was wanted."""

import subprocess
from pathlib import Path

import pytest

from oven.media.edit import EncodedVideo, TargetSize
from oven.media.encoders import Take, stats_files, video_words
from oven.media.geometry import Size
from oven.media.operations import Format, Preset, VideoCodec
from oven.media.sizing import corrected, is_near

H264, H265, VP9, AV1 = VideoCodec.H264, VideoCodec.H265, VideoCodec.VP9, VideoCodec.AV1
# A megabyte, 40 kB of which are sound, over ten seconds.
RATE = TargetSize(1_000_000, 768_000)
SECONDS = 5
# Noise, on which the first pass saves, and then something that does not need what was saved.
NOISE = "color=gray:s=128x96:r=25:d=2,noise=alls=40:allf=t"
SOURCE = (
    *("-f", "lavfi", "-i", NOISE, "-f", "lavfi", "-i", "testsrc2=s=128x96:r=25:d=3"),
    *("-filter_complex", "[0:v][1:v]concat,format=yuv420p"),
)


@pytest.mark.parametrize(
    ("codec", "video_bytes", "bits_per_second"),
    [
        (H264, 960_000, None),
        (H264, 931_000, None),
        (H264, 989_000, None),
        (H264, 929_000, 768_000),
        (H264, 991_000, 768_000),
        (H264, 480_000, 768_000),
        (H265, 480_000, 777_000),
        (VP9, 480_000, 1_536_000),
        (VP9, 1_920_000, 384_000),
        (AV1, 480_000, 1_891_038),
        (AV1, 1_920_000, 384_000),
    ],
)
def test_corrections(codec: VideoCodec, video_bytes: int, bits_per_second: int | None) -> None:
    """None within 3 % of the file; else what remains for pictures, or more or less of what was asked for."""
    found = corrected(RATE, codec=codec, duration_s=10, video_bytes=video_bytes, other_bytes=40_000)
    assert (found and found.bits_per_second) == bits_per_second
    assert found is None or found.target_bytes == RATE.target_bytes


def test_what_was_planned_wrongly() -> None:
    """Sound that took more than was thought leaves less for pictures."""
    found = corrected(RATE, codec=H264, duration_s=10, video_bytes=960_000, other_bytes=200_000)
    assert found == TargetSize(1_000_000, 640_000)


def test_whole_kilobits() -> None:
    """As x265 takes them: the nearest, as it would forget what is over."""
    asked = TargetSize(30_000, 25_000)
    found = corrected(asked, codec=H265, duration_s=10, video_bytes=20_000, other_bytes=800)
    assert found == TargetSize(30_000, 24_000)


@pytest.mark.parametrize("codec", [H264, H265, VP9, AV1])
def test_pictures_too_simple_for_so_many_bits(codec: VideoCodec) -> None:
    """They stay as they are: a quarter of what they might have taken was enough."""
    assert corrected(RATE, codec=codec, duration_s=10, video_bytes=200_000, other_bytes=40_000) is None


def test_as_little_as_can_be() -> None:
    """Sound alone is too large: the least there is, once."""
    asked = TargetSize(50_000, 20_000)
    found = corrected(asked, codec=VP9, duration_s=10, video_bytes=25_000, other_bytes=60_000)
    assert found == TargetSize(50_000, 10_000)
    assert corrected(found, codec=VP9, duration_s=10, video_bytes=12_500, other_bytes=60_000) is None


def test_nearness() -> None:
    """3 % either way."""
    assert [is_near(RATE, size) for size in (969_999, 970_000, 1_030_000, 1_030_001)] == [
        *(False, True),
        *(True, False),
    ]


def test_a_film(tmp_path: Path) -> None:
    """A real one that the first pass misses by far lands within 3 % by the second."""
    target_bytes, other_bytes = 120_000, 0
    rate = TargetSize(target_bytes, target_bytes * 8 // SECONDS)
    first = _made(tmp_path, rate, Take.FIRST)
    again = corrected(rate, codec=H264, duration_s=SECONDS, video_bytes=first, other_bytes=other_bytes)
    assert again is not None
    assert abs(first / target_bytes - 1) > 0.1
    (tmp_path / "in").mkdir()
    for name in stats_files(_video(rate)):
        (tmp_path / name).rename(tmp_path / "in" / name)
    assert is_near(rate, _made(tmp_path, again, Take.SECOND))


def _video(rate: TargetSize) -> EncodedVideo:
    return EncodedVideo(
        codec=H264, preset=Preset.VERYFAST, rate=rate, scaled=None, size=Size(128, 96), depth=8
    )


def _made(folder: Path, rate: TargetSize, take: Take) -> int:
    words = video_words(_video(rate), format=Format.MKV, threads=1, take=take)
    line = ["ffmpeg", "-v", "error", "-nostdin", "-y", *SOURCE, *words, "-f", "h264", "film.h264"]
    subprocess.run(line, check=True, cwd=folder)
    return (folder / "film.h264").stat().st_size
