"""How much memory an encode, or a picture, may need."""

from oven.media.geometry import Size, Upscale

MIB = 1 << 20
# Measured with the pixel settings (peak of the address space): at 3840×2880 720 MB with one thread and
# 820 with two; most of it goes with the output's pixels, some with what the decoder holds.
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
    frames = REFERENCES + 2 * threads + SPARE_FRAMES
    expected = (
        FIXED_BYTES
        + BYTES_A_THREAD * threads
        + BYTES_A_PICTURE * pictures
        + frames * BYTES_A_DEEP_PIXEL * size.pixels
    )
    return max(LEAST_BYTES, round(MARGIN * expected))


def picture_memory_bytes(max_pixels: int) -> int:
    """Give the address space that proving one picture of so many pixels may take: twice what was seen."""
    return PICTURE_FIXED_BYTES + BYTES_A_PICTURES_PIXEL * max_pixels
