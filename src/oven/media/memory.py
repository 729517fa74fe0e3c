"""How much memory an encode, or a picture, may need."""

from types import MappingProxyType
from typing import NamedTuple

from oven.media.edit import Edit, EncodedVideo
from oven.media.geometry import Size, Upscale
from oven.media.operations import VideoCodec

MIB = 1 << 20
# Measured on ffmpeg 5.1 (peak of the address space, and resident, MiB): at 3840×2880 the pixel profile took
# 475 and 203 with one thread, 566 and 228 with two, the photo profile 711 and 384 with two; at 4096×4096
# from frames of that size the pixel profile took 769 and 493, and 883 and 534.
FIXED_BYTES = 350 * MIB
BYTES_AN_OUTPUT_PIXEL = 45
BYTES_A_SOURCE_PIXEL = 24
BYTES_A_THREAD = 100 * MIB
# Of ffmpeg 9, whose outputs have threads of their own: 75 MB for each picture that is written; of 5.1, none.
BYTES_A_PICTURE = 100 * MIB
REFERENCES, SPARE_FRAMES = 8, 4
BYTES_A_DEEP_PIXEL = 6
# Below this ffmpeg was seen not to start.
LEAST_BYTES = 1024 * MIB
MARGIN = 1.5
# Measured at 4 and 25 megapixels (peak of the address space): 40 MB and 16 bytes a pixel for WebP, 13 for
# AVIF, 12 for progressive JPEGs in CMYK, 9 for PNGs of 16 bits, 8 for others.
PICTURE_FIXED_BYTES = 256 * MIB
BYTES_A_PICTURES_PIXEL = 32


class Appetite(NamedTuple):
    """What an encoder takes of the address space: at first, and for each pixel of its pictures."""

    fixed_bytes: int
    bytes_a_pixel: int


# Measured on ffmpeg 5.1 (peak of the address space, MiB): two threads, 8 bits, ultrafast, medium and slow.
#
#            640×360            1920×1080          3840×2160
#   x264      312,  366,  378    379,  866,  960    542, 2059, 2354
#   x265      531,  565,  573    739,  904,  949   1418, 1949
#   libvpx    346,  346,  346    581,  579,  579   1312, 1304
#   SVT-AV1  1980, 2010, 2073   2530, 2691, 2872   4026, 5034
#
# Of SVT-AV1 a tenth to a third was ever used (144 to 750 MiB at 1920×1080 and below): glibc reserves 64 MiB
# for each of its many threads, up to eight times the processors.  Where it may reserve for all, it took
# 4388 MiB at 1920×1080, others no more than here.
APPETITES = MappingProxyType(
    {
        VideoCodec.H264: Appetite(320 * MIB, 340),
        VideoCodec.H265: Appetite(540 * MIB, 220),
        VideoCodec.VP9: Appetite(320 * MIB, 140),
        VideoCodec.AV1: Appetite(3400 * MIB, 500),
    }
)
# Of 10 bits: x264 298 MiB more at 1920×1080, x265 264, SVT-AV1 248.
MORE_BYTES_A_DEEP_PIXEL = 150
# Eight threads in place of two: x264 248 MiB more at 1920×1080, x265 650, libvpx 100, SVT-AV1 61.
BYTES_AN_ENCODERS_THREAD = 110 * MIB
# Frames on their way through filters, of the source's size and of the result's; marks are laid over in RGBA.
FILTERS_FRAMES = 8
USUAL_DEPTH = 8


def encode_memory_bytes(upscale: Upscale, threads: int) -> int:
    """Give the address space that an encode may take: half as much again as it is expected to."""
    expected = (
        FIXED_BYTES
        + BYTES_AN_OUTPUT_PIXEL * upscale.output.pixels
        + BYTES_A_SOURCE_PIXEL * upscale.source.pixels
        + BYTES_A_THREAD * threads
    )
    return max(LEAST_BYTES, round(MARGIN * expected))


def decode_memory_bytes(size: Size, threads: int, pictures: int) -> int:
    """Give the address space that decoding a stranger's video for so many small pictures may take.

    A decoder of the largest size keeps some frames to refer to, and two a thread; of up to 16 bits a sample,
    in 4:4:4.
    """
    expected = FIXED_BYTES + BYTES_A_PICTURE * pictures + _decoder_bytes(size, threads)
    return max(LEAST_BYTES, round(MARGIN * expected))


def export_memory_bytes(edit: Edit, *, threads: int) -> int:
    """Give the address space that one pass of an edit may take: half as much again as it is expected to.

    Where nothing is encoded, each still may have a decoder of its own.
    """
    video = edit.video if isinstance(edit.video, EncodedVideo) else None
    decoders = 1 if video or edit.marks else len(edit.stills)
    expected = (
        FIXED_BYTES
        + BYTES_A_PICTURE * len(edit.stills)
        + decoders * _decoder_bytes(edit.upright, threads)
        + FILTERS_FRAMES * BYTES_A_DEEP_PIXEL * edit.upright.pixels
    )
    if video:
        appetite = APPETITES[video.codec]
        a_pixel = appetite.bytes_a_pixel + FILTERS_FRAMES * BYTES_A_DEEP_PIXEL
        if video.depth > USUAL_DEPTH:
            a_pixel += MORE_BYTES_A_DEEP_PIXEL
        expected += appetite.fixed_bytes + a_pixel * video.size.pixels + BYTES_AN_ENCODERS_THREAD * threads
    return max(LEAST_BYTES, round(MARGIN * expected))


def picture_memory_bytes(max_pixels: int) -> int:
    """Give the address space that proving one picture of so many pixels may take: twice what was seen."""
    return PICTURE_FIXED_BYTES + BYTES_A_PICTURES_PIXEL * max_pixels


def _decoder_bytes(size: Size, threads: int) -> int:
    frames = REFERENCES + 2 * threads + SPARE_FRAMES
    return BYTES_A_THREAD * threads + frames * BYTES_A_DEEP_PIXEL * size.pixels
