"""How much memory children are expected to hold: above what was measured, and not far."""

from dataclasses import replace

import pytest

from oven.media.edit import Edit, EncodedVideo
from oven.media.encode import PHOTO, PIXEL, Bitrate, Crf
from oven.media.geometry import Size, Upscale
from oven.media.operations import Preset, VideoCodec
from oven.media.resident import (
    MIB,
    decode_resident_bytes,
    export_resident_bytes,
    frames_resident_bytes,
    picture_resident_bytes,
    tape_resident_bytes,
)
from tests.edits import COPY, PLAIN, STILLS


def is_near(expected_bytes: int, measured_mib: int, most: float = 1.5) -> bool:
    return measured_mib <= expected_bytes / MIB <= most * measured_mib


@pytest.mark.parametrize(
    ("source", "scale", "threads", "is_transparent", "pixel_mib", "photo_mib"),
    [
        ((337, 176), 3, 1, False, 62, 70),
        ((337, 176), 3, 2, True, 66, 76),
        ((640, 480), 3, 1, False, 105, 135),
        ((640, 480), 3, 2, True, 118, 157),
        ((640, 480), 6, 1, False, 203, 325),
        ((640, 480), 6, 2, False, 229, 384),
        ((640, 480), 6, 2, True, 233, 389),
        ((1024, 1024), 4, 1, False, 283, 458),
        ((1024, 1024), 4, 2, True, 333, 558),
        ((4096, 4096), 1, 1, False, 454, 628),
        ((4096, 4096), 1, 2, False, 496, 719),
        ((4096, 4096), 1, 2, True, 674, 898),
    ],
)
def test_tapes(
    source: tuple[int, int],
    scale: int,
    threads: int,
    *,
    is_transparent: bool,
    pixel_mib: int,
    photo_mib: int,
) -> None:
    """Peaks of the encode of plasma, by both profiles."""
    size = Size(*source)
    upscale = Upscale(source=size, scaled=Size(size.width * scale, size.height * scale))
    for profile, measured_mib in ((PIXEL, pixel_mib), (PHOTO, photo_mib)):
        expected = tape_resident_bytes(
            upscale, profile.quality, threads=threads, is_transparent=is_transparent
        )
        assert is_near(expected, measured_mib, 1.4)


def test_a_bitrate_is_kept_by_a_free_quantiser() -> None:
    """So a corrective pass may hold more than the pass before it: 277 MiB where one at a CRF did."""
    upscale = Upscale(source=Size(640, 480), scaled=Size(3840, 2880))
    assert is_near(tape_resident_bytes(upscale, Bitrate(9), threads=1, is_transparent=False), 277, 1.5)


def film(codec: VideoCodec, size: tuple[int, int], preset: Preset) -> Edit:
    video = EncodedVideo(codec=codec, preset=preset, rate=Crf(30), scaled=None, size=Size(*size), depth=8)
    return replace(PLAIN, video=video, upright=Size(*size), stills=())


@pytest.mark.parametrize(
    ("codec", "size", "preset", "threads", "measured_mib"),
    [
        (VideoCodec.H264, (640, 360), Preset.ULTRAFAST, 2, 67),
        (VideoCodec.H264, (640, 360), Preset.MEDIUM, 2, 117),
        (VideoCodec.H264, (640, 360), Preset.SLOW, 2, 128),
        (VideoCodec.H264, (1920, 1080), Preset.ULTRAFAST, 1, 104),
        (VideoCodec.H264, (1920, 1080), Preset.ULTRAFAST, 2, 126),
        (VideoCodec.H264, (1920, 1080), Preset.MEDIUM, 1, 424),
        (VideoCodec.H264, (1920, 1080), Preset.SLOW, 2, 555),
        (VideoCodec.H264, (3840, 2160), Preset.ULTRAFAST, 2, 293),
        (VideoCodec.H265, (640, 360), Preset.ULTRAFAST, 1, 100),
        (VideoCodec.H265, (640, 360), Preset.SLOW, 2, 144),
        (VideoCodec.H265, (1920, 1080), Preset.ULTRAFAST, 2, 309),
        (VideoCodec.H265, (1920, 1080), Preset.SLOW, 2, 500),
        (VideoCodec.VP9, (640, 360), Preset.MEDIUM, 2, 120),
        (VideoCodec.VP9, (1920, 1080), Preset.MEDIUM, 1, 348),
        (VideoCodec.VP9, (1920, 1080), Preset.SLOW, 2, 364),
        (VideoCodec.AV1, (640, 360), Preset.SLOW, 2, 154),
        (VideoCodec.AV1, (1920, 1080), Preset.MEDIUM, 1, 441),
        (VideoCodec.AV1, (1920, 1080), Preset.SLOW, 2, 615),
        (VideoCodec.H264, (3840, 2160), Preset.SLOW, 2, 1882),
        (VideoCodec.H265, (3840, 2160), Preset.ULTRAFAST, 2, 975),
        (VideoCodec.H265, (3840, 2160), Preset.MEDIUM, 2, 1475),
        (VideoCodec.VP9, (3840, 2160), Preset.MEDIUM, 2, 1113),
        (VideoCodec.AV1, (3840, 2160), Preset.MEDIUM, 2, 2330),
    ],
)
def test_films(
    codec: VideoCodec, size: tuple[int, int], preset: Preset, threads: int, measured_mib: int
) -> None:
    """Peaks of exports of a film that is decoded, and encoded anew at its own size."""
    assert is_near(export_resident_bytes(film(codec, size, preset), threads=threads), measured_mib)


def test_what_is_copied() -> None:
    """Takes ffmpeg itself; pictures of it, a decoder."""
    assert export_resident_bytes(replace(COPY, stills=()), threads=2) == 60 * MIB
    assert export_resident_bytes(replace(COPY, stills=STILLS), threads=2) > 60 * MIB


def test_ten_bits_take_more() -> None:
    """Each sample has two bytes."""
    usual = film(VideoCodec.H265, (1920, 1080), Preset.MEDIUM)
    assert isinstance(usual.video, EncodedVideo)
    deep = replace(usual, video=replace(usual.video, depth=10))
    assert export_resident_bytes(deep, threads=2) > 1.3 * export_resident_bytes(usual, threads=2)


@pytest.mark.parametrize(
    ("size", "threads", "measured_mib"),
    [((640, 360), 2, 60), ((1920, 1080), 2, 103), ((3840, 2160), 1, 216), ((3840, 2160), 2, 247)],
)
def test_decoding(size: tuple[int, int], threads: int, measured_mib: int) -> None:
    """Peaks with H.264 of eight frames to refer to."""
    assert is_near(decode_resident_bytes(Size(*size), threads, 0), measured_mib)


@pytest.mark.parametrize(
    ("size", "measured_mib"), [((337, 176), 20), ((640, 480), 24), ((2048, 2048), 60), ((4096, 4096), 182)]
)
def test_frames(size: tuple[int, int], measured_mib: int) -> None:
    """Peaks of a child that proves frames which have to be rewritten."""
    assert is_near(frames_resident_bytes(Size(*size), 1), measured_mib)
    assert frames_resident_bytes(Size(*size), 3) == 3 * frames_resident_bytes(Size(*size), 1)


def test_pictures() -> None:
    """By the size of their files, as photographs are, up to the limit."""
    assert picture_resident_bytes(size_bytes=4_000_000, max_pixels=50_000_000) > 256_000_000
    bound = picture_resident_bytes(size_bytes=1 << 40, max_pixels=25_000_000)
    assert bound == picture_resident_bytes(size_bytes=1 << 30, max_pixels=25_000_000)
    assert is_near(bound, 428)
