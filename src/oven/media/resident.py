"""How much memory children are expected to hold: what is resident at most, by which work is admitted.

What they may take of the address space is another matter (`memory`), of which a third is used.
`python -m benchmarks weights` measures what these constants stand for.
"""

from types import MappingProxyType
from typing import NamedTuple

from oven.media.edit import Edit, EncodedVideo
from oven.media.encode import Qp, Quality
from oven.media.geometry import Size, Upscale
from oven.media.operations import Preset, VideoCodec

MIB = 1 << 20
# Half of it is ffmpeg's libraries, which all of them share: counted for each, to be on the safe side.
FFMPEG_BYTES = 60 * MIB
# Of a tape's encode: what PNG, RGB and 4:4:4 take of a source that is decoded ahead; pictures that are laid
# over black stand in planes of their own.
BYTES_A_SOURCE_PIXEL = 12
BYTES_A_TRANSPARENT_PIXEL = 12
# Of a decoder with as many frames to refer to as are usual at most, eight; and two that are on their way.
BYTES_A_DECODED_PIXEL = 16
BYTES_A_DECODED_PIXEL_A_THREAD = 4
# A picture that is written from it has an encoder of its own.
BYTES_A_STILL = 2 * MIB
# Of a child of Python's that proves a tape's frames: the file, its pixels, and what is written anew.
FRAME_CHILD_BYTES = 24 * MIB
BYTES_A_FRAMES_PIXEL = 11
# The hungriest kind of picture is WebP.  Only decoding it tells how many pixels it has; photographs have
# no more than so many a byte, and what is flatter has its own bound.
PICTURE_CHILD_BYTES = 48 * MIB
BYTES_A_PICTURES_PIXEL = 16
PIXELS_A_BYTE = 4


class Appetite(NamedTuple):
    """What an encoder holds: bytes at first, for each pixel of a picture, and of that for each thread."""

    fixed_bytes: int
    bytes_a_pixel: float
    bytes_a_pixel_a_thread: float


# Of a tape's encode: x264's frames of the output, more of them with more threads.  Measured at 640×480 × 6
# with one thread and two: `pixel` 203, 229 MiB, `photo` 325, 384; of 4096×4096 × 1 454, 496 and 628,
# 719.  A quantiser that wanders needs small copies of what is to come, also where a bitrate rules.
FIXED_QUANTISER = Appetite(16 * MIB, 10.8, 2.4)
FREE_QUANTISER = Appetite(12 * MIB, 20, 5.4)
# Measured on ffmpeg 5.1 with one thread and two, MiB, of the whole process:
#
#                       640×360            1920×1080          3840×2160
#   x264 ultrafast      63,  67            104, 126                293
#   x264 medium, slow  119, 128            501, 555               1882
#   x265 ultrafast     100, 104            300, 309                975
#   x265 medium, slow  139, 144            490, 500               1475
#   libvpx             111, 120            349, 364               1113
#   SVT-AV1            127, 154            443, 615               2330
APPETITES = MappingProxyType(
    {
        VideoCodec.H264: Appetite(10 * MIB, 200, 30),
        VideoCodec.H265: Appetite(45 * MIB, 190, 6),
        VideoCodec.VP9: Appetite(30 * MIB, 120, 6),
        VideoCodec.AV1: Appetite(34 * MIB, 105, 80),
    }
)
# Without lookahead and with one frame to refer to.
QUICK_APPETITES = MappingProxyType(
    {
        VideoCodec.H264: Appetite(4 * MIB, 2, 10),
        VideoCodec.H265: Appetite(30 * MIB, 95, 6),
    }
)
# Of 10 bits a sample has two bytes.
DEEP = 1.6
USUAL_DEPTH = 8


def tape_resident_bytes(upscale: Upscale, quality: Quality, *, threads: int, is_transparent: bool) -> int:
    """Give what the encode of a tape is expected to hold."""
    appetite = FIXED_QUANTISER if isinstance(quality, Qp) else FREE_QUANTISER
    an_output_pixel = appetite.bytes_a_pixel + appetite.bytes_a_pixel_a_thread * threads
    a_source_pixel = BYTES_A_SOURCE_PIXEL + BYTES_A_TRANSPARENT_PIXEL * is_transparent
    pictures = an_output_pixel * upscale.output.pixels + a_source_pixel * upscale.source.pixels
    return round(FFMPEG_BYTES + appetite.fixed_bytes + pictures)


def decode_resident_bytes(size: Size, threads: int, pictures: int) -> int:
    """Give what decoding a video is expected to hold, with so many pictures made of it."""
    a_pixel = BYTES_A_DECODED_PIXEL + BYTES_A_DECODED_PIXEL_A_THREAD * threads
    return FFMPEG_BYTES + BYTES_A_STILL * pictures + a_pixel * size.pixels


def export_resident_bytes(edit: Edit, *, threads: int) -> int:
    """Give what one pass of an edit is expected to hold; where nothing is decoded, little."""
    video = edit.video if isinstance(edit.video, EncodedVideo) else None
    if video is None and not edit.stills:
        return FFMPEG_BYTES
    expected = decode_resident_bytes(edit.upright, threads, len(edit.stills))
    if video is None:
        return expected
    quick = QUICK_APPETITES if video.preset is Preset.ULTRAFAST else APPETITES
    appetite = quick.get(video.codec, APPETITES[video.codec])
    a_pixel = appetite.bytes_a_pixel + appetite.bytes_a_pixel_a_thread * threads
    depth = DEEP if video.depth > USUAL_DEPTH else 1
    return round(expected + appetite.fixed_bytes + depth * a_pixel * video.size.pixels)


def frames_resident_bytes(size: Size, children: int) -> int:
    """Give what so many children are expected to hold that prove frames of a tape, or make one smaller."""
    return children * (FRAME_CHILD_BYTES + BYTES_A_FRAMES_PIXEL * size.pixels)


def picture_resident_bytes(*, size_bytes: int, max_pixels: int) -> int:
    """Give what a child is expected to hold that decodes a picture whose file is so large."""
    return PICTURE_CHILD_BYTES + BYTES_A_PICTURES_PIXEL * min(PIXELS_A_BYTE * size_bytes, max_pixels)
