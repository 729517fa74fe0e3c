"""PNGs, walked strictly."""

import io
import random
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from PIL import Image

from oven.adapters.frame_child import decode, is_opaque
from oven.adapters.png_chunks import BrokenPngError, read_png
from tests.pngs import END, PIXELS, SIGNATURE, chunk, header
from tests.strategies import pictures
from tests.tapes import numbered_png


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("size", [(1, 1), (7, 3), (64, 65)])
def test_what_pillow_writes(mode: str, size: tuple[int, int]) -> None:
    """Every kind, at every size, is whole; only the usual ones are plain."""
    buffer = io.BytesIO()
    if mode == "I;16":
        Image.fromarray(np.zeros((size[1], size[0]), dtype=np.uint16)).save(buffer, "PNG")
    else:
        Image.new(mode, size).save(buffer, "PNG")
    png = read_png(buffer.getvalue())
    assert png.is_plain == (mode in {"L", "LA", "RGB", "RGBA"})
    assert not png.has_extras


def test_interlaced_pixels_are_counted() -> None:
    """Pass by pass: 5 × 3 pixels of 3 bytes have 3 × 15 bytes and a filter byte a row of each pass."""
    rows = [(1, 1), (1, 1), (1, 1), (3, 1), (2, 2), (5, 1)]
    raw = sum(lines * (1 + columns * 3) for columns, lines in rows)
    pixels = chunk(b"IDAT", zlib.compress(bytes(raw)))
    assert not read_png(SIGNATURE + header(5, 3, interlace=1) + pixels + END).is_plain


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "signature"),
        (SIGNATURE, "cut off"),
        (SIGNATURE + header(), "cut off"),
        (SIGNATURE + header() + PIXELS, "cut off"),
        (SIGNATURE + header() + PIXELS[:-1] + b"x" + END, "checksum"),
        (SIGNATURE + header() + END, "no pixels"),
        (SIGNATURE + PIXELS + header() + END, "order"),
        (SIGNATURE + header() + header() + PIXELS + END, "order"),
        (SIGNATURE + header() + PIXELS + chunk(b"tEXt") + PIXELS + END, "order"),
        (SIGNATURE + header() + PIXELS + chunk(b"PLTE", bytes(3)) + END, "order"),
        (SIGNATURE + header() + chunk(b"XXXX") + PIXELS + END, "extension"),
        (SIGNATURE + header(color=3) + PIXELS + END, "palette"),
        (SIGNATURE + header(depth=7) + PIXELS + END, "format"),
        (SIGNATURE + header(color=5) + PIXELS + END, "format"),
        (SIGNATURE + header(interlace=2) + PIXELS + END, "format"),
        (SIGNATURE + header(height=5) + PIXELS + END, "missing"),
        (SIGNATURE + header(height=3) + PIXELS + END, "more pixels"),
        (SIGNATURE + header() + chunk(b"IDAT", b"garbage") + END, "damaged"),
        (SIGNATURE + header() + chunk(b"IDAT", PIXELS[8:-8]) + END, "missing"),
    ],
)
def test_what_is_broken(data: bytes, says: str) -> None:
    """Each with its reason."""
    with pytest.raises(BrokenPngError, match=says):
        read_png(data)


def test_a_bomb_is_inflated_in_pieces() -> None:
    """100 MB of pixels for a picture of 4 × 4 are not."""
    bomb = chunk(b"IDAT", zlib.compress(bytes(100_000_000)))
    with pytest.raises(BrokenPngError, match="more pixels"):
        read_png(SIGNATURE + header() + bomb + END)


def test_mutations_raise_nothing_else() -> None:
    """Whatever is changed, it is whole or broken."""
    good, rng = numbered_png(9), random.Random(3)
    for _ in range(500):
        data = bytearray(good)
        for _ in range(rng.randint(1, 3)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            read_png(bytes(data[: rng.randrange(len(data) + 1)]))
        except BrokenPngError:
            continue


@settings(max_examples=300)
@given(pictures())
def test_what_is_whole_is_read_alike(data: bytes) -> None:
    """What passes is decoded by Pillow, too, at its header's size, and passes again when it is clean."""
    try:
        png = read_png(data)
    except BrokenPngError as error:
        assert str(error)
        return
    assert read_png(png.clean).clean == png.clean
    picture = decode(png)
    assert picture.size == (int.from_bytes(data[16:20]), int.from_bytes(data[20:24]))
    if png.is_plain:
        assert png.is_opaque == is_opaque(picture)
