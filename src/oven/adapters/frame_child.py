"""The child program that decodes strangers' pictures, so that the daemon never does.

It reads one JSON request from stdin and writes JSON lines to stdout: {"done": n} now and then, at the
end {"result": …} or {"error": {"code", "message", "index"}}.
"""

import sys
import warnings
from typing import Any

import orjson
from PIL import Image

from oven.domain.errors import Code

REPORT_EVERY = 25
BLACK = (0, 0, 0)
# What decoding mutated PNGs was seen to raise; Pillow calls them all something else.
BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, OverflowError, MemoryError)


def main() -> None:
    # The parent has checked the size of every picture; a second, vaguer limit would only confuse.
    Image.MAX_IMAGE_PIXELS = None
    warnings.simplefilter("ignore")
    request = orjson.loads(sys.stdin.buffer.read())
    tell(inspect(request["frames"]) if request["task"] == "inspect" else thumbnail(**request["options"]))


def tell(answer: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(answer) + b"\n")
    sys.stdout.buffer.flush()


def inspect(frames: list[tuple[int, str, str]]) -> dict[str, Any]:
    """Decode (index, path, label) frames to their last pixel → whether any is not opaque."""
    transparent = False
    for number, (index, path, label) in enumerate(frames):
        try:
            with Image.open(path, formats=["PNG"]) as picture:
                # Every chunk and its checksum …
                picture.verify()
            with Image.open(path, formats=["PNG"]) as picture:
                # … then every pixel.
                picture.load()
                transparent = transparent or has_transparency(picture)
        except BROKEN as error:
            return {
                "error": {
                    "code": Code.FRAME_CORRUPT,
                    "message": f"{label} is a broken PNG and cannot be decoded whole",
                    "index": index,
                    "detail": repr(error),
                }
            }
        if number % REPORT_EVERY == 0:
            tell({"done": number})
    return {"result": {"transparent": transparent}}


def has_transparency(picture: Image.Image) -> bool:
    """Whether any pixel of a decoded picture is not opaque."""
    if not picture.has_transparency_data:
        return False
    if "A" not in picture.getbands():
        picture = picture.convert("RGBA")
    lowest, _ = picture.getchannel("A").getextrema()
    return float(lowest) < 255  # type: ignore[arg-type]  # noqa: PLR2004 - opaque, in 8 bits


def thumbnail(source: str, into: str, width: int, height: int, quality: int) -> dict[str, Any]:
    """Fit a picture into a box of width × height pixels, contained, on black, by nearest neighbour."""
    try:
        with Image.open(source, formats=["PNG"]) as picture:
            pixels = picture.convert("RGBA")
    except BROKEN as error:
        return {
            "error": {
                "code": Code.FRAME_CORRUPT,
                "message": "its frame cannot be decoded",
                "detail": repr(error),
            }
        }
    scale = min(width / pixels.width, height / pixels.height)
    size = (max(1, round(pixels.width * scale)), max(1, round(pixels.height * scale)))
    fitted = pixels.resize(size, Image.Resampling.NEAREST)
    canvas = Image.new("RGB", (width, height), BLACK)
    canvas.paste(fitted, ((width - size[0]) // 2, (height - size[1]) // 2), fitted)
    canvas.save(into, "JPEG", quality=quality)
    return {"result": {}}


if __name__ == "__main__":
    main()
