"""How much memory an encode may need."""

from dataclasses import replace

import pytest

from oven.media.edit import Edit, EncodedVideo
from oven.media.encode import Crf
from oven.media.geometry import Size, Upscale
from oven.media.memory import (
    MIB,
    decode_memory_bytes,
    encode_memory_bytes,
    export_memory_bytes,
    picture_memory_bytes,
)
from oven.media.operations import Preset, VideoCodec
from tests.edits import COPY, MARK, PLAIN, STILLS


@pytest.mark.parametrize(
    ("source", "scaled", "threads", "measured_mib"),
    [
        ((640, 480), (3840, 2880), 1, 475),
        ((640, 480), (3840, 2880), 2, 711),
        ((4096, 4096), (4096, 4096), 2, 883),
    ],
)
def test_more_than_was_measured(
    source: tuple[int, int], scaled: tuple[int, int], threads: int, measured_mib: int
) -> None:
    """By half as much again, for the hungriest profile, and not without end."""
    upscale = Upscale(source=Size(*source), scaled=Size(*scaled))
    allowed = encode_memory_bytes(upscale, threads) / MIB
    assert 1.5 * measured_mib < allowed < 3.1 * measured_mib


def test_never_too_little_to_start() -> None:
    """However small the picture."""
    assert encode_memory_bytes(Upscale(source=Size(1, 1), scaled=Size(3, 3)), 1) == 1024 * MIB


@pytest.mark.parametrize(
    ("size", "pictures", "measured_mib"),
    [((64, 64), 1, 688), ((64, 64), 21, 1533), ((1920, 1080), 21, 1531), ((7680, 4320), 6, 1870)],
)
def test_pictures_of_a_video(size: tuple[int, int], pictures: int, measured_mib: int) -> None:
    """More than ffmpeg 9 took, by as much as a machine of more processors may add; 5.1 takes less."""
    assert decode_memory_bytes(Size(*size), 2, pictures) > 1.4 * measured_mib * MIB


@pytest.mark.parametrize(("pixels", "measured_mib"), [(4_000_000, 106), (25_000_000, 428)])
def test_pictures(pixels: int, measured_mib: int) -> None:
    """Twice what the hungriest kind took, WebP; and it grows with the limit alone."""
    assert picture_memory_bytes(pixels) > 2 * measured_mib * MIB
    assert picture_memory_bytes(100_000_000) < 3.4 * 1024 * MIB


def film(codec: VideoCodec, size: tuple[int, int], depth: int = 8) -> Edit:
    video = EncodedVideo(
        codec=codec, preset=Preset.SLOW, rate=Crf(30), scaled=None, size=Size(*size), depth=depth
    )
    return replace(PLAIN, video=video, upright=Size(*size))


@pytest.mark.parametrize(
    ("codec", "size", "depth", "threads", "measured_mib"),
    [
        (VideoCodec.H264, (640, 360), 8, 2, 378),
        (VideoCodec.H264, (1920, 1080), 8, 2, 960),
        (VideoCodec.H264, (1920, 1080), 8, 8, 1114),
        (VideoCodec.H264, (1920, 1080), 10, 2, 1164),
        (VideoCodec.H264, (3840, 2160), 8, 2, 2354),
        (VideoCodec.H265, (1920, 1080), 8, 2, 949),
        (VideoCodec.H265, (1920, 1080), 8, 8, 1554),
        (VideoCodec.H265, (1920, 1080), 10, 2, 1168),
        (VideoCodec.H265, (3840, 2160), 8, 2, 1949),
        (VideoCodec.VP9, (1920, 1080), 8, 8, 681),
        (VideoCodec.VP9, (3840, 2160), 8, 2, 1312),
        (VideoCodec.AV1, (640, 360), 8, 2, 2073),
        (VideoCodec.AV1, (1920, 1080), 8, 2, 4388),
        (VideoCodec.AV1, (1920, 1080), 10, 2, 2939),
        (VideoCodec.AV1, (3840, 2160), 8, 2, 5034),
    ],
)
def test_films_take_more_than_was_measured(
    codec: VideoCodec, size: tuple[int, int], depth: int, threads: int, measured_mib: int
) -> None:
    """By half as much again, with a decoder and filters beside; yet not without end."""
    allowed = export_memory_bytes(film(codec, size, depth), threads=threads) / MIB
    assert 1.5 * measured_mib < allowed < 7 * measured_mib


def test_memory_of_what_is_not_encoded() -> None:
    """A copy decodes nothing; stills of one have a decoder each, unless marks make them share it."""
    bare = replace(COPY, stills=())
    assert export_memory_bytes(bare, threads=2) == 1024 * MIB
    large = replace(COPY, upright=Size(3840, 2160), stills=STILLS)
    alone = export_memory_bytes(large, threads=2)
    assert alone > 1.9 * export_memory_bytes(replace(large, marks=(MARK,)), threads=2)


def test_large_sources_take_more() -> None:
    """A decoder holds frames of them, however small the result."""
    small = film(VideoCodec.H264, (640, 360))
    large = replace(small, upright=Size(3840, 2160))
    more = export_memory_bytes(large, threads=2) - export_memory_bytes(small, threads=2)
    assert more > 1024 * MIB
