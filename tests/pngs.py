"""PNGs written by hand, chunk by chunk."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(
    width: int = 4,
    height: int = 4,
    *,
    depth: int = 8,
    color: int = 2,
    compression: int = 0,
    filtering: int = 0,
    interlace: int = 0,
) -> bytes:
    fields = (width, height, depth, color, compression, filtering, interlace)
    return chunk(b"IHDR", struct.pack(">IIBBBBB", *fields))


def pixels(width: int = 4, height: int = 4, *, pixel_bytes: int = 3, filter_type: int = 0) -> bytes:
    """Give black rows as one chunk."""
    row = bytes([filter_type]) + bytes(width * pixel_bytes)
    return chunk(b"IDAT", zlib.compress(row * height))


END = chunk(b"IEND")
PIXELS = pixels()


def picture(*chunks: bytes) -> bytes:
    return SIGNATURE + b"".join(chunks)
