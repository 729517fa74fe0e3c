"""A GIF's frames, counted by walking its blocks and without decoding one (GIF89a, sections 15 to 27)."""

from typing import BinaryIO

HEADER_BYTES = 13
DESCRIPTOR_BYTES = 9
HAS_COLORS = 0x80
COLORS = 0x07
IMAGE, EXTENSION, TRAILER = b"\x2c", b"\x21", b"\x3b"


class CutGifError(Exception):
    """The file ends within a frame."""


def count_frames(file: BinaryIO, *, most: int) -> int:
    """Count frames up to `most`, from the file's beginning on; a missing trailer is forgiven.

    Raises:
        CutGifError: the file ends within a frame.
        ValueError: what follows a frame is no block.

    """
    header = _read(file, HEADER_BYTES)
    _skip_colors(file, header[10])
    count = 0
    while count < most:
        kind = file.read(1)
        if kind in {b"", TRAILER}:
            break
        if kind == IMAGE:
            _skip_colors(file, _read(file, DESCRIPTOR_BYTES)[8])
            _read(file, 1)
            _skip_data(file)
            count += 1
        elif kind == EXTENSION:
            _read(file, 1)
            _skip_data(file)
        elif count:
            # Some write zeros, or worse, behind the last frame; viewers stop there.
            break
        else:
            raise ValueError(f"a block begins with {kind.hex()}")
    return max(1, count)


def _skip_colors(file: BinaryIO, flags: int) -> None:
    if flags & HAS_COLORS:
        _read(file, 3 << (flags & COLORS) + 1)


def _skip_data(file: BinaryIO) -> None:
    while size := _read(file, 1)[0]:
        _read(file, size)


def _read(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise CutGifError("image file is truncated")
    return data
