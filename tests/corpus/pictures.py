"""Frames that are no PNG, or broken ones, or too large."""

import io
import random
import zlib
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from oven.domain.errors import Code
from tests.corpus.case import BadTape, bad_tape
from tests.corpus.disguises import disguises
from tests.pngs import END, PIXELS, SIGNATURE, chunk, header, picture, pixels
from tests.tapes import numbered_png, small_entries

WHICH = "frame 2 (frame-00002.png)"


def cases(canary: Path) -> Iterator[BadTape]:
    """Give every tape with a bad third frame."""
    groups = {
        Code.FRAME_NOT_PNG: _other_formats() | disguises(canary),
        Code.FRAME_CORRUPT: _broken(),
        Code.FRAME_TOO_LARGE: _too_large(),
        Code.FRAME_SIZE_MISMATCH: _other_sizes(),
    }
    for code, group in groups.items():
        for name, data in group.items():
            yield bad_tape(f"frame: {name}", code, small_entries(4) | {"frame-00002.png": data}, WHICH)
    yield bad_tape(
        "frames whose palettes hide their size",
        Code.ZIP_TOO_LARGE,
        {f"frame-{n}.png": _dithered(2_048, n) for n in range(6)},
    )
    yield bad_tape(
        "all frames too large for their video",
        Code.FRAME_TOO_LARGE,
        {f"frame-{n}.png": _flat(4_200, 4_000) for n in range(2)},
    )


def _other_formats() -> dict[str, bytes]:
    small = Image.new("RGB", (64, 64))
    made = {}
    for kind in ("JPEG", "GIF", "WEBP", "BMP", "TIFF", "PPM", "ICO", "TGA", "PCX"):
        buffer = io.BytesIO()
        small.save(buffer, kind)
        made[kind] = buffer.getvalue()
    whole = numbered_png(2)
    return made | {
        "empty": b"",
        "a byte": b"\x89",
        "a signature that is cut": SIGNATURE[:7],
        "sent as text": whole.replace(b"\r\n", b"\n"),
        "without its first bit": bytes([whole[0] & 0x7F]) + whole[1:],
        "MNG": b"\x8aMNG\r\n\x1a\n" + whole[8:],
        "JNG": b"\x8bJNG\r\n\x1a\n" + whole[8:],
        "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        "PostScript": b"%!PS\n(/etc/passwd) (r) file\n",
        "behind a space": b" " + whole,
    }


def _broken() -> dict[str, bytes]:
    whole = numbered_png(2)
    start = whole.index(b"IDAT") - 4
    gray = {"color": 0, "depth": 8}
    rows = zlib.compress(bytes(13 * 4))
    return {
        **{f"cut after {length} bytes": whole[:length] for length in (8, 20, 32, 33, 45, start + 20)},
        **{f"cut {length} bytes before its end": whole[:-length] for length in (1, 4, 8, 12, 30)},
        "a wrong checksum of the header": whole[:30] + b"x" + whole[31:],
        "a wrong checksum of the pixels": whole[:-14] + b"x" + whole[-13:],
        "a flipped bit in the pixels": whole[: start + 20]
        + bytes([whole[start + 20] ^ 1])
        + whole[start + 21 :],
        "no header": picture(PIXELS, END),
        "a header of another length": SIGNATURE + b"\0\0\0\x0eIHDR" + whole[16:],
        "a header that comes later": picture(chunk(b"tEXt", b"a\0b"), header(64, 64), PIXELS, END),
        "no width": picture(header(0, 64), PIXELS, END),
        "no height": picture(header(64, 0), PIXELS, END),
        "depth 7": picture(header(64, 64, depth=7), PIXELS, END),
        "depth 0": picture(header(64, 64, depth=0), PIXELS, END),
        "depth 4 in colour": picture(header(64, 64, depth=4), PIXELS, END),
        "colour type 5": picture(header(64, 64, color=5), PIXELS, END),
        "colour type 255": picture(header(64, 64, color=255), PIXELS, END),
        "an unknown compression": picture(header(64, 64, compression=1), PIXELS, END),
        "an unknown kind of filter": picture(header(64, 64, filtering=1), PIXELS, END),
        "an unknown interlacing": picture(header(64, 64, interlace=2), PIXELS, END),
        "two headers": picture(header(64, 64), header(64, 64), pixels(64, 64), END),
        "no pixels": picture(header(64, 64), END),
        "no end": picture(header(64, 64), pixels(64, 64)),
        "pixels of nothing": picture(header(64, 64), chunk(b"IDAT"), END),
        "pixels of garbage": picture(header(64, 64), chunk(b"IDAT", b"garbage" * 9), END),
        "pixels not deflated": picture(header(64, 64), chunk(b"IDAT", bytes(64 * 193)), END),
        "pixels without a checksum": picture(header(64, 64), chunk(b"IDAT", pixels(64, 64)[8:-8]), END),
        "pixels that need a dictionary": picture(header(64, 64), chunk(b"IDAT", b"\x78\xbb" + rows), END),
        "a row missing": picture(header(64, 64), pixels(64, 63), END),
        "a row too many": picture(header(64, 64), pixels(64, 65), END),
        "rows that are too short": picture(header(64, 64), pixels(63, 64), END),
        "pixels of another depth": picture(header(64, 64, depth=16), pixels(64, 64), END),
        "a filter that does not exist": picture(header(64, 64), pixels(64, 64, filter_type=5), END),
        "a filter of 255": picture(header(64, 64), pixels(64, 64, filter_type=255), END),
        "20 MB of pixels more": picture(
            header(64, 64), chunk(b"IDAT", zlib.compress(bytes(20_000_000))), END
        ),
        "pixels in two places": picture(
            header(64, 64), chunk(b"IDAT", rows[:9]), chunk(b"tEXt", b"a\0b"), chunk(b"IDAT", rows[9:]), END
        ),
        "no palette": picture(header(64, 64, color=3), pixels(64, 64, pixel_bytes=1), END),
        "a palette after the pixels": picture(
            header(64, 64, color=3), pixels(64, 64, pixel_bytes=1), chunk(b"PLTE", bytes(9)), END
        ),
        "two palettes": picture(
            header(64, 64, color=3),
            *(chunk(b"PLTE", bytes(9)) for _ in range(2)),
            pixels(64, 64, pixel_bytes=1),
            END,
        ),
        "a palette of 4 bytes": picture(
            header(64, 64, color=3), chunk(b"PLTE", bytes(4)), pixels(64, 64, pixel_bytes=1), END
        ),
        "an empty palette": picture(
            header(64, 64, color=3), chunk(b"PLTE"), pixels(64, 64, pixel_bytes=1), END
        ),
        "a palette of 300 colours": picture(
            header(64, 64, color=3), chunk(b"PLTE", bytes(900)), pixels(64, 64, pixel_bytes=1), END
        ),
        "a palette in gray": picture(
            header(64, 64, **gray), chunk(b"PLTE", bytes(9)), pixels(64, 64, pixel_bytes=1), END
        ),
        "transparency beside alpha": picture(
            header(64, 64, color=6), chunk(b"tRNS", bytes(6)), pixels(64, 64, pixel_bytes=4), END
        ),
        "transparency of another length": picture(
            header(64, 64), chunk(b"tRNS", bytes(5)), pixels(64, 64), END
        ),
        "a chunk that nobody knows": picture(header(64, 64), chunk(b"ABCD"), pixels(64, 64), END),
        "100 000 chunks, and then no pixels": picture(header(64, 64), chunk(b"tEXt") * 100_000, END),
        "a chunk of 4 GB": picture(header(64, 64), b"\xff\xff\xff\xfftEXt", pixels(64, 64), END),
        "a chunk of 2 GB": picture(header(64, 64), b"\x7f\xff\xff\xffIDAT", pixels(64, 64), END),
    }


def _too_large() -> dict[str, bytes]:
    sizes = {
        "60 000 × 60 000, as it says": (60_000, 60_000),
        "2 147 483 647 × 1, as it says": (0x7FFF_FFFF, 1),
        "4 294 967 295 × 4 294 967 295, as it says": (0xFFFF_FFFF, 0xFFFF_FFFF),
        "1 × 16 777 217, as it says": (1, 16_777_217),
        "4097 × 4096, as it says": (4_097, 4_096),
    }
    made = {name: picture(header(*size), PIXELS, END) for name, size in sizes.items()}
    return made | {"12 000 × 12 000, really": _flat(12_000, 12_000)}


def _flat(width: int, height: int) -> bytes:
    """Give a black picture of one bit a pixel: large by its size, small by its bytes."""
    row = bytes(1 + -(-width // 8))
    deflater = zlib.compressobj(1)
    packed = b"".join(deflater.compress(row) for _ in range(height)) + deflater.flush()
    return picture(header(width, height, depth=1, color=0), chunk(b"IDAT", packed), END)


def _dithered(side: int, seed: int) -> bytes:
    """Give a picture that is small by its palette, and large without it."""
    rng = random.Random(seed)
    block = rng.randbytes(20_011)
    rows = (block * (side * side // len(block) + 1))[: side * side]
    raw = b"".join(b"\0" + rows[at : at + side] for at in range(0, side * side, side))
    palette = chunk(b"PLTE", rng.randbytes(3 * 256))
    return picture(header(side, side, color=3), palette, chunk(b"IDAT", zlib.compress(raw, 1)), END)


def _other_sizes() -> dict[str, bytes]:
    sizes = [(65, 64), (64, 65), (64, 63), (1, 1), (128, 128), (32, 128)]
    return {
        f"{width} × {height} among 64 × 64": numbered_png(2, width=width, height=height)
        for width, height in sizes
    }
