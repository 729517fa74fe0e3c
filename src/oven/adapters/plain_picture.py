"""A PNG of a picture of any kind, as ffmpeg may see it: upright, in sRGB, and of pixels alone."""

from pathlib import Path

from PIL import Image

from oven.adapters.picture_colors import fitted, in_srgb, upright
from oven.media.geometry import Size

# It is read once, and goes with the job.
COMPRESSION = 1


def write_plain(picture: Image.Image, into: Path, *, max_side: int, orientation: int) -> Size:
    """Write a PNG of a decoded picture, RGBA with 8 bits a sample → its size.

    It is shrunk where a side is longer than `max_side` pixels; `orientation` is EXIF's, from 1 to 8.
    """
    small = fitted(picture, most=(max_side, max_side), orientation=orientation)
    # Profiles say nothing of what is clear: that goes past them.
    alpha = small.getchannel("A") if small.mode in {"LA", "RGBA"} else None
    bare = small if alpha is None else small.convert(small.mode.removesuffix("A"))
    seen = in_srgb(bare, picture.info.get("icc_profile")).convert("RGBA")
    if alpha is not None:
        seen.putalpha(alpha)
    plain = upright(seen, orientation)
    # What is left of profiles and comments would be written, too.
    plain.info = {}
    plain.save(into, "PNG", compress_level=COMPRESSION)
    return Size(*plain.size)
