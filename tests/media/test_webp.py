"""Sizes in WebPs' headers."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from oven.media.geometry import Size
from oven.media.webp import HEADER_BYTES, canvas_size


@pytest.mark.parametrize("options", [{"quality": 50}, {"lossless": True}, {"exif": b"Exif\0\0x"}])
@pytest.mark.parametrize("size", [(1, 1), (300, 7), (16, 1_000)])
def test_every_form(size: tuple[int, int], options: dict[str, Any]) -> None:
    """Lossy, lossless, extended: as the encoder wrote them."""
    buffer = io.BytesIO()
    Image.new("RGB", size, (9, 80, 200)).save(buffer, "WEBP", **options)
    assert canvas_size(buffer.getvalue()[:HEADER_BYTES]) == Size(*size)


def test_the_largest() -> None:
    """24 bits a side in the extended form, 14 in the others."""
    start = b"RIFF" + bytes(4) + b"WEBP"
    assert canvas_size(start + b"VP8X" + bytes(8) + b"\xff" * 6) == Size(1 << 24, 1 << 24)
    assert canvas_size(start + b"VP8L" + bytes(4) + b"\x2f" + b"\xff" * 9) == Size(1 << 14, 1 << 14)


@given(st.binary(max_size=40), st.sampled_from([b"VP8X", b"VP8L", b"VP8 ", b"ANIM"]), st.booleans())
def test_whatever_comes(data: bytes, kind: bytes, is_webp: bool) -> None:  # noqa: FBT001
    """A size or none, and no complaint."""
    head = b"RIFF" + bytes(4) + b"WEBP" + kind + data if is_webp else data
    found = canvas_size(head)
    assert found is None or (is_webp and max(found) <= 1 << 24)
