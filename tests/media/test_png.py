"""PNG headers."""

import struct

import pytest

from oven.domain.errors import BadInputError, Code
from oven.media.png import HEADER_BYTES, SIGNATURE, read_size
from tests.tapes import flat_png


def header(width: int, height: int) -> bytes:
    return SIGNATURE + struct.pack(">I4sIIBBBBBI", 13, b"IHDR", width, height, 8, 6, 0, 0, 0, 0)


def test_a_real_png() -> None:
    """The size stands in the first bytes of a file that Pillow wrote."""
    assert read_size(flat_png((0, 0, 0, 0), width=337, height=176)[:HEADER_BYTES], "x") == (337, 176)


def test_a_bomb_is_read_but_not_decoded() -> None:
    """60000 × 60000 pixels in 33 bytes: known before a pixel is decoded."""
    assert read_size(header(60_000, 60_000), "x").pixels == 3_600_000_000


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", Code.FRAME_NOT_PNG),
        (b"\xff\xd8\xff\xe0" + bytes(40), Code.FRAME_NOT_PNG),
        (b"#EXTM3U\n" + bytes(40), Code.FRAME_NOT_PNG),
        (SIGNATURE, Code.FRAME_CORRUPT),
        (header(1, 1)[:20], Code.FRAME_CORRUPT),
        (header(0, 5), Code.FRAME_CORRUPT),
        (SIGNATURE + bytes(25), Code.FRAME_CORRUPT),
    ],
)
def test_bad_headers(data: bytes, code: Code) -> None:
    """Another format, nothing, or a header cut off; the frame is named."""
    with pytest.raises(BadInputError) as caught:
        read_size(data, "frame 7 (f.png)")
    assert caught.value.code is code
    assert caught.value.message.startswith("frame 7 (f.png) is ")
