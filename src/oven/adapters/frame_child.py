"""The child program that decodes strangers' pictures, so that the daemon never does.

It reads one JSON request from stdin and writes JSON lines to stdout: {"done": n} now and then, at the
end {"result": …} or {"error": {"code", "message", "index", "detail"}}.
"""

import io
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import orjson
from PIL import Image, ImageChops

from oven.adapters.png_chunks import BrokenPngError, Png, read_png
from oven.domain.errors import Code

# Frames, and seconds, after which it says how far it is.
REPORT_EVERY, REPORT_EVERY_S = 25, 1.0
BLACK = (0, 0, 0)
OPAQUE = 255
# The middle of a large frame tells as much as all of it.
LOOK_SIDE = 1024
# From 16 bits to 8.
TO_8_BITS = 1 / 257


def main() -> None:
    # The parent has checked the size of every picture; a second, vaguer limit would only confuse.
    Image.MAX_IMAGE_PIXELS = None
    warnings.simplefilter("ignore")
    request = orjson.loads(sys.stdin.buffer.read())
    is_inspection = request["task"] == "inspect"
    tell(inspect(**request["options"]) if is_inspection else thumbnail(**request["options"]))


def tell(answer: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(answer) + b"\n")
    sys.stdout.buffer.flush()


def inspect(frames: list[tuple[int, str, str, str]], max_bytes: int, looks: list[int]) -> dict[str, Any]:
    """Prove (index, file, label, clean copy) frames to their last pixel → whether any is not opaque.

    Of those whose index is among `looks` it tells what they are made of, in no order.

    What has to be rewritten may have `max_bytes` in all: palettes are small, and what they stand for is not.

    The plain ones are not even decoded: their rows tell all that is asked.
    """
    transparent, written_bytes, told_at = False, 0, time.monotonic()
    looked: list[tuple[float, float]] = []
    for number, (index, file, label, clean) in enumerate(frames):
        try:
            png = read_png(Path(file).read_bytes())
            picture = None if png.is_plain else decode(png)
            if index in looks:
                looked.append(look(picture or decode(png)))
        except Exception as error:  # noqa: BLE001 - whatever a decoder raises, the picture is what is wrong
            return {
                "error": {
                    "code": Code.FRAME_CORRUPT,
                    "message": f"{label} is a broken PNG: {_reason(error)}",
                    "index": index,
                    "detail": repr(error),
                }
            }
        transparent = transparent or not (png.is_opaque if picture is None else is_opaque(picture))
        written_bytes += keep(png, picture, Path(file), Path(clean))
        if written_bytes > max_bytes:
            text = f"the frames have more than {max_bytes:,} bytes in the form in which they are encoded"
            return {"error": {"code": Code.ZIP_TOO_LARGE, "message": text, "index": index}}
        if number % REPORT_EVERY == 0 or time.monotonic() - told_at > REPORT_EVERY_S:
            tell({"done": number})
            told_at = time.monotonic()
    return {"result": {"transparent": transparent, "looked": looked}}


def decode(png: Png) -> Image.Image:
    """Decode a PNG of any kind to RGBA with 8 bits."""
    with Image.open(io.BytesIO(png.clean), formats=["PNG"]) as picture:
        picture.load()
        if not picture.mode.startswith("I"):
            clear = picture.info.get("transparency")
            if picture.mode == "L" and isinstance(clear, int):
                # Pillow makes the samples 8 bits wide, and not the one that is clear.
                picture.info["transparency"] = clear * 255 // ((1 << png.depth) - 1)
            return picture.convert("RGBA")
        return picture.convert("I").point(lambda value: value * TO_8_BITS).convert("L").convert("RGBA")


def is_opaque(picture: Image.Image) -> bool:
    """Whether every pixel of an RGBA picture hides what is behind it."""
    return picture.getchannel("A").getextrema()[0] == OPAQUE


def look(picture: Image.Image) -> tuple[float, float]:
    """Give the shares of an RGBA picture's pixels that equal their neighbour, and that are another colour."""
    left, top = max(0, picture.width - LOOK_SIDE) // 2, max(0, picture.height - LOOK_SIDE) // 2
    width, height = min(LOOK_SIDE, picture.width), min(LOOK_SIDE, picture.height)
    middle = picture.crop((left, top, left + width, top + height)).convert("RGB")
    colors = len(middle.getcolors(width * height) or ()) / (width * height)
    if width == 1:
        return 1.0, colors
    lefts, rights = middle.crop((0, 0, width - 1, height)), middle.crop((1, 0, width, height))
    red, green, blue = ImageChops.difference(lefts, rights).split()
    equal = ImageChops.lighter(ImageChops.lighter(red, green), blue).histogram()[0]
    return equal / ((width - 1) * height), colors


def keep(png: Png, picture: Image.Image | None, source: Path, clean: Path) -> int:
    """Let the proved picture stand under its new name, as a plain PNG of pixels alone → bytes written."""
    if picture is not None:
        picture.save(clean, "PNG", compress_level=1)
        return clean.stat().st_size
    if png.has_extras:
        return clean.write_bytes(png.clean)
    os.link(source, clean)
    return 0


def thumbnail(source: str, into: str, width: int, height: int, quality: int) -> dict[str, Any]:
    """Fit a picture into a box of width × height pixels, contained, on black, by nearest neighbour."""
    with Image.open(source, formats=["PNG"]) as picture:
        pixels = picture.convert("RGBA")
    scale = min(width / pixels.width, height / pixels.height)
    size = (max(1, round(pixels.width * scale)), max(1, round(pixels.height * scale)))
    fitted = pixels.resize(size, Image.Resampling.NEAREST)
    canvas = Image.new("RGB", (width, height), BLACK)
    canvas.paste(fitted, ((width - size[0]) // 2, (height - size[1]) // 2), fitted)
    canvas.save(into, "JPEG", quality=quality)
    return {"result": {}}


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, BrokenPngError) else "it cannot be decoded whole"


if __name__ == "__main__":
    main()
