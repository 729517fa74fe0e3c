"""A stranger's picture as it is seen: of 8 bits a sample, in sRGB, and upright."""

import io

from PIL import Image, ImageCms

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
OPAQUE = 255
# Steps of this many pixels are averaged at once before the exact filter: faster, and nobody sees it.
GAP = 3.0


def fitted(picture: Image.Image, *, most: tuple[int, int], orientation: int) -> Image.Image:
    """Give a picture with 8 bits a sample, shrunk in its own shape to fit into a box; it is not turned yet.

    Args:
        picture: decoded, of any mode; the result's is L, LA, RGB, RGBA, CMYK or LAB.
        most: the box, in pixels, for the picture as it is displayed.
        orientation: EXIF's, from 1 to 8.

    """
    box = most if orientation < SIDEWAYS else most[::-1]
    scale = min(1.0, box[0] / picture.width, box[1] / picture.height)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    plain = _of_8_bits(picture)
    return plain.resize(size, Image.Resampling.LANCZOS, reducing_gap=GAP)


def in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Give the colours that a picture's profile means; without one, or with a broken one, its samples.

    The picture is one of L, RGB, CMYK or LAB; the result is L or RGB.
    """
    try:
        if profile:
            meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        elif picture.mode == "LAB":
            meant = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        else:
            return picture if picture.mode in {"L", "RGB"} else picture.convert("RGB")
        seen = ImageCms.profileToProfile(picture, meant, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture if picture.mode in {"L", "RGB"} else picture.convert("RGB")
    if seen is None:
        raise TypeError("the profile was to be applied to a copy")
    return seen


def upright(picture: Image.Image, orientation: int) -> Image.Image:
    """Turn a picture as it is displayed; `orientation` is EXIF's, from 1 to 8."""
    return picture.transpose(UPRIGHT[orientation]) if orientation in UPRIGHT else picture


def _of_8_bits(picture: Image.Image) -> Image.Image:
    mode = picture.mode
    if mode in {"LA", "RGBA", "CMYK", "LAB"} or (mode in {"L", "RGB"} and not picture.has_transparency_data):
        return picture
    if mode.startswith("I;16"):
        return _from_16_bits(picture)
    if mode == "F":
        return picture.point(lambda value: value * 255).convert("L")
    if mode == "La":
        return picture.convert("LA")
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("L" if mode in {"1", "I"} else "RGB")


def _from_16_bits(picture: Image.Image) -> Image.Image:
    """Make 16 bits of gray 8; one gray may be clear, and its neighbours that look alike are not."""
    wide = picture.convert("I")
    gray = wide.point(lambda value: value * TO_8_BITS).convert("L")
    clear = picture.info.get("transparency")
    if not isinstance(clear, int):
        return gray
    return Image.merge("LA", (gray, wide.point([OPAQUE * (value != clear) for value in range(1 << 16)], "L")))
