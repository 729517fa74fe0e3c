"""The chunks of a PNG, walked strictly: what passes means the same to every decoder.

Pillow and ffmpeg forgive different mistakes: missing rows, doubled headers, garbage beside the pixels.
So order, checksums and the amount of pixel data are proved here, and all that is no pixel is left out.
(PNG, third edition: 5 on chunks, 9 on filters, 8 on interlacing.)
"""

import struct
import zlib
from dataclasses import dataclass

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Samples a pixel and the bit depths that go with it, by colour type.
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
PALETTE = 3
# Colour types that may hold a palette, and, by type, the bytes of the one colour that is clear.
WITH_PALETTE = {2, 3, 6}
CLEAR_BYTES = {0: 2, 2: 6}
COLOR_BYTES = 3
MAX_COLORS = 256
# Start and step of each Adam7 pass, by column and row.
PASSES = ((0, 8, 0, 8), (4, 8, 0, 8), (0, 4, 4, 8), (2, 4, 0, 4), (0, 2, 2, 4), (1, 2, 0, 2), (0, 1, 1, 2))
INFLATE_BYTES = 1_048_576
CHUNK_OVERHEAD = 12
HEADER_BYTES = 13


class BrokenPngError(Exception):
    """Why a PNG is broken, in words for whoever sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Png:
    """A proved PNG; `clean` holds its critical chunks and its transparency alone.

    `is_plain` where it has 8 bits a sample, no palette, no transparency chunk and is not interlaced;
    `has_extras` where `clean` is not the file as it was.
    """

    clean: bytes
    is_plain: bool
    has_extras: bool


def read_png(data: bytes) -> Png:
    """Walk a whole file.

    Raises:
        BrokenPngError: it is not a PNG that every decoder reads alike.

    """
    if not data.startswith(SIGNATURE):
        raise BrokenPngError("it has no PNG signature")
    kept = [SIGNATURE]
    kinds: list[bytes] = []
    parts: dict[bytes, bytes] = {}
    pixels: list[bytes] = []
    header = b""
    position = len(SIGNATURE)
    while not kinds or kinds[-1] != b"IEND":
        kind, payload, whole = _chunk(data, position)
        position += len(whole)
        _check_order(kind, kinds)
        if kind == b"IHDR":
            header = payload
            if len(header) != HEADER_BYTES:
                raise BrokenPngError("its header has another length than headers have")
        if kind == b"IDAT":
            pixels.append(payload)
        if kind in {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}:
            kept.append(whole)
        if kind in {b"PLTE", b"tRNS"}:
            parts[kind] = payload
        kinds.append(kind)
    if not pixels:
        raise BrokenPngError("it has no pixels")
    width, height, depth, color, compression, filtering, interlace = struct.unpack(">IIBBBBB", header)
    if depth not in DEPTHS.get(color, ()) or compression or filtering or interlace > 1:
        raise BrokenPngError("its header names a format that does not exist")
    _check_colors(color, parts.get(b"PLTE"), parts.get(b"tRNS"))
    _check_pixels(pixels, _raw_size(width, height, depth * SAMPLES[color], interlaced=bool(interlace)))
    clean = b"".join(kept)
    return Png(
        clean=clean,
        is_plain=depth == 8 and color != PALETTE and not interlace and b"tRNS" not in kinds,  # noqa: PLR2004
        has_extras=clean != data,
    )


def _chunk(data: bytes, position: int) -> tuple[bytes, bytes, bytes]:
    """Read the chunk at a position → type, payload, the whole of it."""
    if position + CHUNK_OVERHEAD > len(data):
        raise BrokenPngError("it is cut off")
    length = int.from_bytes(data[position : position + 4])
    whole = data[position : position + CHUNK_OVERHEAD + length]
    if len(whole) != CHUNK_OVERHEAD + length:
        raise BrokenPngError("it is cut off")
    if zlib.crc32(whole[4:-4]) != int.from_bytes(whole[-4:]):
        raise BrokenPngError("a checksum is wrong")
    return whole[4:8], whole[8:-4], whole


def _check_order(kind: bytes, before: list[bytes]) -> None:
    is_first = not before
    after_pixels = b"IDAT" in before
    wrong = (
        (kind == b"IHDR") != is_first
        or (kind == b"PLTE" and (b"PLTE" in before or after_pixels))
        or (kind == b"tRNS" and (b"tRNS" in before or after_pixels))
        or (kind == b"IDAT" and after_pixels and before[-1] != b"IDAT")
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


def _raw_size(width: int, height: int, pixel_bits: int, *, interlaced: bool) -> int:
    """Give how many bytes the pixels have, filter bytes included, once they are inflated."""

    def rows(columns: int, lines: int) -> int:
        return lines * (1 + (columns * pixel_bits + 7) // 8) if columns and lines else 0

    if not interlaced:
        return rows(width, height)
    return sum(
        rows(-(-max(0, width - left) // across), -(-max(0, height - top) // down))
        for left, across, top, down in PASSES
    )


def _check_pixels(parts: list[bytes], wanted: int) -> None:
    """Inflate all pixel data, a bounded piece at a time, and count it."""
    inflater, count = zlib.decompressobj(), 0
    try:
        for part in parts:
            rest = part
            while rest and count <= wanted:
                count += len(inflater.decompress(rest, INFLATE_BYTES))
                rest = inflater.unconsumed_tail
        count += len(inflater.flush())
    except zlib.error as error:
        raise BrokenPngError("its pixels are damaged") from error
    if count > wanted:
        raise BrokenPngError("it has more pixels than its size says")
    if count < wanted or not inflater.eof:
        raise BrokenPngError("rows of pixels are missing")
