"""The header of a PNG, read before a single pixel is decoded."""

from oven.domain.errors import BadInputError, Code
from oven.media.geometry import Size

# Signature, then the IHDR chunk: length, type, width, height, …  (PNG, third edition, 5.2 and 11.2.1)
SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER_BYTES = 33
IHDR = b"\x00\x00\x00\x0dIHDR"


def read_size(header: bytes, label: str) -> Size:
    """Read a picture's size from the first `HEADER_BYTES` bytes of its file.

    Args:
        header: the beginning of the file; fewer bytes when the file is shorter.
        label: how to name the picture in a message, such as "frame 12 (frame-00012.png)".

    Raises:
        BadInputError: FRAME_NOT_PNG, FRAME_CORRUPT.

    """
    if not header.startswith(SIGNATURE):
        what = "is empty" if not header else "is not a PNG"
        raise BadInputError(Code.FRAME_NOT_PNG, f"{label} {what}; every frame must be a PNG")
    if len(header) < HEADER_BYTES or header[8:16] != IHDR:
        raise BadInputError(Code.FRAME_CORRUPT, f"{label} is a broken PNG: its header is cut off")
    size = Size(int.from_bytes(header[16:20]), int.from_bytes(header[20:24]))
    if not size.pixels:
        raise BadInputError(Code.FRAME_CORRUPT, f"{label} is a broken PNG: its size is {size}")
    return size
