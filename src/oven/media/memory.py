"""How much memory an encode may need."""

from oven.media.geometry import Size, Upscale

MIB = 1 << 20
# Measured with the pixel settings (peak of the address space): at 3840×2880 720 MB with one thread and
# 820 with two; most of it goes with the output's pixels, some with what the decoder holds.
FIXED_BYTES = 350 * MIB
BYTES_AN_OUTPUT_PIXEL = 45
BYTES_A_SOURCE_PIXEL = 24
BYTES_A_THREAD = 100 * MIB
REFERENCES, SPARE_FRAMES = 16, 4
BYTES_A_DEEP_PIXEL = 6
# Below this ffmpeg was seen not to start.
LEAST_BYTES = 1024 * MIB
MARGIN = 1.5


def encode_memory_bytes(upscale: Upscale, threads: int) -> int:
    """Give the address space that an encode may take: half as much again as it is expected to."""
    expected = (
        FIXED_BYTES
        + BYTES_AN_OUTPUT_PIXEL * upscale.output.pixels
        + BYTES_A_SOURCE_PIXEL * upscale.source.pixels
        + BYTES_A_THREAD * threads
    )
    return max(LEAST_BYTES, round(MARGIN * expected))


def decode_memory_bytes(size: Size, threads: int) -> int:
    """Give the address space that decoding a stranger's video may take.

    A decoder keeps up to 16 frames to refer to, and one a thread; of up to 16 bits a sample, in 4:4:4.
    """
    frames = REFERENCES + 2 * threads + SPARE_FRAMES
    expected = FIXED_BYTES + BYTES_A_THREAD * threads + frames * BYTES_A_DEEP_PIXEL * size.pixels
    return max(LEAST_BYTES, round(MARGIN * expected))
