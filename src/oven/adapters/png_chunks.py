"""The chunks of a PNG, walked strictly: what passes means the same to every decoder.

Pillow and ffmpeg forgive different mistakes: missing rows, doubled headers, garbage beside the pixels.
So order, checksums and the amount of pixel data are proved here, and all that is no pixel is left out.
(PNG, third edition: 5 and 11 on chunks.)
"""

import struct
import zlib
from dataclasses import dataclass
from typing import NamedTuple

from oven.adapters.png_rows import has_true_filters, is_opaque, passes, size_bytes

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Samples a pixel and the bit depths that go with it, by colour type.
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
# What makes the picture; all else is left out.
KEPT = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
PALETTE = 3
WITH_ALPHA = {4, 6}
# Colour types that may hold a palette, and, by type, the bytes of the one colour that is clear.
WITH_PALETTE = {2, 3, 6}
CLEAR_BYTES = {0: 2, 2: 6}
COLOR_BYTES = 3
MAX_COLORS = 256
CHUNK_OVERHEAD = 12
HEADER_BYTES = 13


class BrokenPngError(Exception):
    """Why a PNG is broken, in words for whoever sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Png:
    """A proved PNG; `clean` holds its critical chunks and its transparency alone.

    `is_plain` where it has 8 bits a sample, no palette, no transparency chunk and is not interlaced;
    `is_opaque` where it is plain and every pixel hides what is behind it, else it may or may not;
    `has_extras` where `clean` is not the file as it was; `depth` is bits a sample.
    """

    clean: bytes
    depth: int
    is_plain: bool
    is_opaque: bool
    has_extras: bool


def read_png(data: bytes) -> Png:
    """Walk a whole file.

    Raises:
        BrokenPngError: it is not a PNG that every decoder reads alike.

    """
    chunks = _walk(memoryview(data))
    parts = {chunk.kind: bytes(chunk.payload) for chunk in chunks if chunk.kind != b"IDAT"}
    pixels = [chunk.payload for chunk in chunks if chunk.kind == b"IDAT"]
    if len(parts[b"IHDR"]) != HEADER_BYTES:
        raise BrokenPngError("its header has another length than headers have")
    if not pixels:
        raise BrokenPngError("it has no pixels")
    width, height, depth, color, compression, filtering, interlace = struct.unpack(">IIBBBBB", parts[b"IHDR"])
    if depth not in DEPTHS.get(color, ()) or compression or filtering or interlace > 1:
        raise BrokenPngError("its header names a format that does not exist")
    _check_colors(color, parts.get(b"PLTE"), parts.get(b"tRNS"))
    rows = passes(width, height, depth * SAMPLES[color], interlaced=bool(interlace))
    raw = _inflated(pixels[0] if len(pixels) == 1 else b"".join(pixels), size_bytes(rows))
    if not has_true_filters(raw, rows):
        raise BrokenPngError("a row is filtered in a way that does not exist")
    has_extras = len(SIGNATURE) + sum(len(chunk.whole) for chunk in chunks) < len(data)
    is_plain = depth == 8 and color != PALETTE and not interlace and b"tRNS" not in parts  # noqa: PLR2004
    return Png(
        clean=SIGNATURE + b"".join(chunk.whole for chunk in chunks) if has_extras else data,
        depth=depth,
        is_plain=is_plain,
        is_opaque=is_plain and (color not in WITH_ALPHA or is_opaque(raw, width, height, SAMPLES[color])),
        has_extras=has_extras,
    )


class _Chunk(NamedTuple):
    """A chunk of a file, which is not copied: it may be large."""

    kind: bytes
    payload: memoryview
    whole: memoryview


def _walk(data: memoryview) -> list[_Chunk]:
    """Read all chunks up to the end, each whole and in its order → those that make the picture."""
    if data[: len(SIGNATURE)] != SIGNATURE:
        raise BrokenPngError("it has no PNG signature")
    kept: list[_Chunk] = []
    seen: set[bytes] = set()
    last, position = b"", len(SIGNATURE)
    while last != b"IEND":
        chunk = _chunk(data, position)
        position += len(chunk.whole)
        _check_order(chunk.kind, last, seen)
        last = chunk.kind
        if last in KEPT:
            seen.add(last)
            kept.append(chunk)
    return kept


def _chunk(data: memoryview, position: int) -> _Chunk:
    """Read the chunk at a position."""
    if position + CHUNK_OVERHEAD > len(data):
        raise BrokenPngError("it is cut off")
    length = int.from_bytes(data[position : position + 4])
    whole = data[position : position + CHUNK_OVERHEAD + length]
    if len(whole) != CHUNK_OVERHEAD + length:
        raise BrokenPngError("it is cut off")
    if zlib.crc32(whole[4:-4]) != int.from_bytes(whole[-4:]):
        raise BrokenPngError("a checksum is wrong")
    return _Chunk(bytes(whole[4:8]), whole[8:-4], whole)


def _check_order(kind: bytes, last: bytes, seen: set[bytes]) -> None:
    """Check a chunk against the one before it, and the kinds that were seen at all."""
    after_pixels = b"IDAT" in seen
    wrong = (
        (kind == b"IHDR") != (not last)
        or (kind in {b"PLTE", b"tRNS"} and (kind in seen or after_pixels))
        or (kind == b"IDAT" and after_pixels and last != b"IDAT")
    )
    if wrong:
        raise BrokenPngError("its chunks are not in order")
    # A capital first letter says that who does not know the chunk cannot show the picture.
    if kind not in {b"IHDR", b"PLTE", b"IDAT", b"IEND"} and not kind[0] & 0x20:
        raise BrokenPngError("it needs an extension that is not known")


def _check_colors(color: int, palette: bytes | None, clear: bytes | None) -> None:
    """Check palette and transparency (11.2.2, 11.3.1): decoders make different pictures of wrong ones."""
    if palette is None and color == PALETTE:
        raise BrokenPngError("its palette is missing")
    if palette is not None:
        colors, rest = divmod(len(palette), COLOR_BYTES)
        if rest or not 0 < colors <= MAX_COLORS or color not in WITH_PALETTE:
            raise BrokenPngError("its palette is none")
    if clear is not None:
        fits = (
            len(clear) <= len(palette or b"") // COLOR_BYTES
            if color == PALETTE
            else len(clear) == CLEAR_BYTES.get(color)
        )
        if not fits:
            raise BrokenPngError("its transparency does not go with its colours")


def _inflated(packed: bytes | memoryview, wanted: int) -> bytes:
    """Inflate the pixels, and not a byte more than one too many."""
    inflater = zlib.decompressobj()
    try:
        raw = inflater.decompress(packed, wanted + 1)
    except zlib.error as error:
        raise BrokenPngError("its pixels are damaged") from error
    if len(raw) > wanted:
        raise BrokenPngError("it has more pixels than its size says")
    if len(raw) < wanted or not inflater.eof:
        raise BrokenPngError("rows of pixels are missing")
    return raw
