"""How much memory an encode may need."""

import pytest

from oven.media.geometry import Size, Upscale
from oven.media.memory import MIB, decode_memory_bytes, encode_memory_bytes, picture_memory_bytes


@pytest.mark.parametrize(
    ("source", "scaled", "threads", "measured_mib"),
    [((640, 480), (3840, 2880), 1, 720), ((640, 480), (3840, 2880), 2, 820)],
)
def test_more_than_was_measured(
    source: tuple[int, int], scaled: tuple[int, int], threads: int, measured_mib: int
) -> None:
    """By half as much again, and not without end."""
    upscale = Upscale(source=Size(*source), scaled=Size(*scaled))
    allowed = encode_memory_bytes(upscale, threads) / MIB
    assert 1.4 * measured_mib < allowed < 2 * measured_mib


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
