"""A small JPEG of a picture of any kind: turned upright, over black, in sRGB, and of pixels alone."""

import io
from pathlib import Path

from PIL import Image, ImageCms

QUALITY = 90
# JPEG takes sides up to 65,535; nobody looks at thumbnails that are half as tall.
MAX_HEIGHT = 16_384
# EXIF's orientations, and what undoes each.
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = 5
# From 16 bits to 8.
TO_8_BITS = 1 / 257
# Steps of this many pixels are averaged at once before the exact filter: faster, and nobody sees it.
GAP = 3.0


def make_thumbnail(picture: Image.Image, into: Path, *, width: int, orientation: int) -> None:
    """Write a JPEG of a decoded picture, `width` pixels wide at most and never larger than the picture.

    `orientation` is EXIF's, from 1 to 8.
    """
    size = picture.size if orientation < SIDEWAYS else picture.size[::-1]
    scale = min(1.0, width / size[0], MAX_HEIGHT / size[1])
    fitted = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    small = _plain(picture).resize(
        fitted if orientation < SIDEWAYS else fitted[::-1], Image.Resampling.LANCZOS, reducing_gap=GAP
    )
    small = _in_srgb(_over_black(small), picture.info.get("icc_profile"))
    if orientation in UPRIGHT:
        small = small.transpose(UPRIGHT[orientation])
    # What is left of comments and resolutions would be written, too.
    small.info = {}
    small.save(into, "JPEG", quality=QUALITY)


def _plain(picture: Image.Image) -> Image.Image:
    """Give a picture in a mode that can be resized, with 8 bits a sample: L, LA, RGB, RGBA, CMYK or LAB."""
    mode = picture.mode
    if mode in {"LA", "RGBA", "CMYK", "LAB"} or (mode in {"L", "RGB"} and not picture.has_transparency_data):
        return picture
    if mode.startswith("I;16"):
        return picture.convert("I").point(lambda value: value * TO_8_BITS).convert("L")
    if mode == "F":
        return picture.point(lambda value: value * 255).convert("L")
    if mode == "La":
        return picture.convert("LA")
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("L" if mode in {"1", "I"} else "RGB")


def _over_black(small: Image.Image) -> Image.Image:
    if small.mode not in {"LA", "RGBA"}:
        return small
    base = small.mode.removesuffix("A")
    canvas = Image.new(base, small.size)
    canvas.paste(small.convert(base), mask=small.getchannel("A"))
    return canvas


def _in_srgb(small: Image.Image, profile: bytes | None) -> Image.Image:
    """Give the colours that a picture's profile means; without one, or with a broken one, its samples."""
    try:
        if profile:
            meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        elif small.mode == "LAB":
            meant = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        else:
            return small if small.mode in {"L", "RGB"} else small.convert("RGB")
        seen = ImageCms.profileToProfile(small, meant, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return small if small.mode in {"L", "RGB"} else small.convert("RGB")
    if seen is None:
        raise TypeError("the profile was to be applied to a copy")
    return seen
