"""Rows of pixels, judged as they are filtered."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from oven.adapters.png_rows import Pass, has_true_filters, is_opaque, passes, size_bytes


def filtered(pixels: NDArray[np.uint8], filters: list[int]) -> bytes:
    """Filter rows of pixels, shape (height, width, samples), each in its own way."""
    height, width, samples = pixels.shape
    wide = np.zeros((height + 1, width + 1, samples), dtype=int)
    wide[1:, 1:] = pixels
    left, up, corner = wide[1:, :-1], wide[:-1, 1:], wide[:-1, :-1]
    guess = left + up - corner
    far = np.stack([abs(guess - left), abs(guess - up), abs(guess - corner)])
    # Of equals the first: left, then up, then the corner.
    paeth = np.choose(far.argmin(axis=0), [left, up, corner])
    foretold = [np.zeros_like(left), left, up, (left + up) // 2, paeth]
    rows = (
        bytes([kind]) + ((pixels[row].astype(int) - foretold[kind][row]) % 256).astype(np.uint8).tobytes()
        for row, kind in enumerate(filters)
    )
    return b"".join(rows)


@given(
    st.integers(1, 5),
    st.sampled_from([2, 4]),
    st.lists(st.integers(0, 4), min_size=1, max_size=6),
    st.integers(0, 2**32 - 1),
    st.none() | st.integers(0, 254),
)
def test_opacity(width: int, samples: int, filters: list[int], seed: int, clear: int | None) -> None:
    """Told right for any colours and any filters: wholly opaque, or one pixel not."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (len(filters), width, samples), dtype=np.uint8)
    pixels[:, :, -1] = 255
    if clear is not None:
        pixels[rng.integers(len(filters)), rng.integers(width), -1] = clear
    raw = filtered(pixels, filters)
    assert is_opaque(raw, width, len(filters), samples) == (clear is None)
    assert has_true_filters(raw, passes(width, len(filters), 8 * samples, interlaced=False))


def test_passes() -> None:
    """One, or seven without the empty ones; a row has a byte for its filter."""
    assert passes(3, 2, 1, interlaced=False) == [Pass(2, 2)]
    assert passes(1, 1, 24, interlaced=True) == [Pass(1, 4)]
    assert passes(5, 3, 24, interlaced=True) == [
        *(Pass(1, 4), Pass(1, 4), Pass(1, 4)),
        *(Pass(1, 10), Pass(2, 7), Pass(1, 16)),
    ]
    assert size_bytes(passes(8, 8, 32, interlaced=True)) == 8 * 8 * 4 + 15


@pytest.mark.parametrize(("row", "is_true"), [(b"\0abc", True), (b"\4abc", True), (b"\5abc", False)])
def test_filters(row: bytes, *, is_true: bool) -> None:
    """There are five; the last row of the last pass counts, too."""
    parts = [Pass(1, 2), Pass(2, 4)]
    assert has_true_filters(b"\0x" + b"\1abc" + row, parts) == is_true
