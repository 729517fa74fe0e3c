"""Sizes of pictures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oven.domain.errors import BadInputError, Code
from oven.media.geometry import MAX_SIDE, Size, largest_scale, upscale_by, upscale_to

LIMIT = 16_777_216
SIDE = st.integers(min_value=1, max_value=5000)


def test_sizes_become_even_by_one() -> None:
    """337 × 176 three times is 1011 × 528, and one more column makes it even."""
    upscale = upscale_by(Size(337, 176), 3, max_pixels=LIMIT)
    assert upscale.scaled == (1011, 528)
    assert upscale.output == (1012, 528)


@given(width=SIDE, height=SIDE, scale=st.integers(min_value=1, max_value=32))
def test_the_largest_scale_fits(width: int, height: int, scale: int) -> None:
    """What is chosen fits where anything does, and the next larger one would not."""
    source = Size(width, height)
    chosen = largest_scale(source, scale, max_pixels=LIMIT)
    assert 1 <= chosen <= scale
    if chosen > 1:
        upscale_by(source, chosen, max_pixels=LIMIT)
    if chosen < scale:
        with pytest.raises(BadInputError):
            upscale_by(source, chosen + 1, max_pixels=LIMIT)


@pytest.mark.parametrize("scaled", [Size(4097, 4096), Size(MAX_SIDE + 2, 2)])
def test_too_large_is_refused(scaled: Size) -> None:
    """Too many pixels, or too long a side, with what would be right."""
    with pytest.raises(BadInputError) as caught:
        upscale_to(Size(10, 10), scaled, max_pixels=LIMIT)
    assert caught.value.code is Code.FRAME_TOO_LARGE
    assert "at most 16,777,216 pixels" in caught.value.message
