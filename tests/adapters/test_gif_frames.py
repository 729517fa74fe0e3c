"""Frames of GIFs, counted without decoding."""

import io

import pytest
from PIL import Image

from oven.adapters.gif_frames import CutGifError, count_frames

HEADER = b"GIF89a\x08\0\x08\0\0\0\0"
FRAME = b",\0\0\0\0\x08\0\x08\0\0\2\3\1\2\3\0"
CONTROL = b"!\xf9\4\0\0\0\0\0"


def count(data: bytes, most: int = 100) -> int:
    return count_frames(io.BytesIO(data), most=most)


@pytest.mark.parametrize("frames", [1, 2, 7])
def test_real_ones(frames: int) -> None:
    """With palettes of their own, and comments."""
    pictures = [Image.effect_noise((20, 20), 90 + number).convert("P") for number in range(frames)]
    buffer = io.BytesIO()
    pictures[0].save(buffer, "GIF", save_all=True, append_images=pictures[1:], comment=b"x" * 600)
    assert count(buffer.getvalue()) == frames


def test_ends() -> None:
    """With a trailer, without one, or with zeros behind the last frame; no further than is asked for."""
    assert count(HEADER + CONTROL + FRAME + FRAME + b";") == 2
    assert count(HEADER + FRAME + FRAME) == 2
    assert count(HEADER + FRAME + bytes(40)) == 1
    assert count(HEADER + FRAME + b";" + FRAME) == 1
    assert count(HEADER + FRAME * 9, most=3) == 3


@pytest.mark.parametrize("end", range(1, len(FRAME)))
def test_cut_within_a_frame(end: int) -> None:
    """Wherever it is."""
    with pytest.raises(CutGifError):
        count(HEADER + FRAME + FRAME[:end])


def test_no_blocks() -> None:
    """What follows the header is none."""
    with pytest.raises(ValueError, match="begins with 00"):
        count(HEADER + bytes(9))
    with pytest.raises(CutGifError):
        count(HEADER[:9])
