"""The sizes of pictures, in whole pixels."""

from dataclasses import dataclass
from typing import NamedTuple

from oven.domain.errors import BadInputError, Code

# x264 takes no side longer than this.
MAX_SIDE = 16_384


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int

    @property
    def pixels(self) -> int:
        return self.width * self.height

    def __str__(self) -> str:
        return f"{self.width}×{self.height}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upscale:
    """From a source's size to a picture that 4:2:0 can carry.

    `scaled` is reached by nearest neighbour; `output` is `scaled` made even by repeating the last
    column or row once, never by resampling.
    """

    source: Size
    scaled: Size

    @property
    def output(self) -> Size:
        return Size(self.scaled.width + self.scaled.width % 2, self.scaled.height + self.scaled.height % 2)


def upscale_to(source: Size, scaled: Size, *, max_pixels: int) -> Upscale:
    """Scale to the size that was asked for.

    Raises:
        BadInputError: FRAME_TOO_LARGE.

    """
    upscale = Upscale(source=source, scaled=scaled)
    if not _fits(upscale, max_pixels):
        raise BadInputError(
            Code.FRAME_TOO_LARGE,
            f"frames of {source} would become {upscale.output}, {upscale.output.pixels:,} pixels; "
            f"at most {max_pixels:,} pixels, and {MAX_SIDE:,} a side, are possible",
            hint="Choose a smaller scale or size.",
        )
    return upscale


def upscale_by(source: Size, scale: int, *, max_pixels: int) -> Upscale:
    """Scale by a whole number.

    Raises:
        BadInputError: FRAME_TOO_LARGE.

    """
    return upscale_to(source, Size(source.width * scale, source.height * scale), max_pixels=max_pixels)


def largest_scale(source: Size, scale: int, *, max_pixels: int) -> int:
    """Give the largest whole number up to `scale` whose result is allowed, at least 1."""
    for smaller in range(scale, 1, -1):
        scaled = Size(source.width * smaller, source.height * smaller)
        if _fits(Upscale(source=source, scaled=scaled), max_pixels):
            return smaller
    return 1


def _fits(upscale: Upscale, max_pixels: int) -> bool:
    return upscale.output.pixels <= max_pixels and max(upscale.output) <= MAX_SIDE
