"""The header of a WebP, read before its decoder takes memory for the canvas (RFC 9649)."""

from oven.media.geometry import Size

# RIFF, size, WEBP, then the first chunk: kind, size, and the part of it that tells the canvas.
HEADER_BYTES = 30
LOSSY, LOSSLESS, EXTENDED = b"VP8 ", b"VP8L", b"VP8X"
START_CODE = b"\x9d\x01\x2a"
LOSSLESS_SIGNATURE = 0x2F
SIDE = 0x3FFF


def canvas_size(head: bytes) -> Size | None:
    """Read a picture's size from the first bytes of its file; None where it is no WebP, or a broken one.

    >>> canvas_size(b"RIFF" + bytes(4) + b"WEBPVP8X" + bytes(8) + bytes([63, 0, 0, 31, 1, 0]))
    Size(width=64, height=288)
    """
    if len(head) < HEADER_BYTES or head[:4] != b"RIFF" or head[8:12] != b"WEBP":
        return None
    chunk = head[12:16]
    if chunk == EXTENDED:
        return Size(int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1)
    if chunk == LOSSY and head[23:26] == START_CODE:
        return Size(
            int.from_bytes(head[26:28], "little") & SIDE, int.from_bytes(head[28:30], "little") & SIDE
        )
    if chunk == LOSSLESS and head[20] == LOSSLESS_SIGNATURE:
        bits = int.from_bytes(head[21:25], "little")
        return Size((bits & SIDE) + 1, (bits >> 14 & SIDE) + 1)
    return None
