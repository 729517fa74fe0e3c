"""A small JPEG of a picture of any kind: turned upright, over black, in sRGB, and of pixels alone."""

from pathlib import Path

from PIL import Image

from oven.adapters.picture_colors import fitted, in_srgb, upright

QUALITY = 90
# JPEG takes sides up to 65,535; nobody looks at thumbnails that are half as tall.
MAX_HEIGHT = 16_384


def make_thumbnail(picture: Image.Image, into: Path, *, width: int, orientation: int) -> None:
    """Write a JPEG of a decoded picture, `width` pixels wide at most and never larger than the picture.

    `orientation` is EXIF's, from 1 to 8.
    """
    small = fitted(picture, most=(width, MAX_HEIGHT), orientation=orientation)
    small = upright(in_srgb(_over_black(small), picture.info.get("icc_profile")), orientation)
    # What is left of comments and resolutions would be written, too.
    small.info = {}
    small.save(into, "JPEG", quality=QUALITY)


def _over_black(small: Image.Image) -> Image.Image:
    if small.mode not in {"LA", "RGBA"}:
        return small
    base = small.mode.removesuffix("A")
    canvas = Image.new(base, small.size)
    canvas.paste(small.convert(base), mask=small.getchannel("A"))
    return canvas
