"""How large encoded pictures become: scaled, cut to even sides, within bounds."""

from typing import NamedTuple

from oven.media.geometry import MAX_SIDE, Size
from oven.media.operations import OptionError, Resize
from oven.media.source import Source
from oven.media.wish import Resolution, Said


class Framing(NamedTuple):
    """The size that upright pictures are scaled to (None where they stay), and that of the result."""

    scaled: Size | None
    size: Size


class Bounds(NamedTuple):
    """What sizes are possible: sides in pixels, and pixels in all."""

    least_side: int
    max_pixels: int

    def allow(self, size: Size) -> bool:
        return min(size) >= self.least_side and max(size) <= MAX_SIDE and size.pixels <= self.max_pixels

    def __str__(self) -> str:
        return f"{self.least_side} to {MAX_SIDE:,} a side and at most {self.max_pixels:,} pixels are possible"


def settle_frame(
    source: Source, resolution: Said[Resolution] | None, bounds: Bounds, *, blamed: int
) -> Framing:
    """Tell how large encoded pictures become.

    Args:
        source: what is encoded; its pictures are turned upright, its pixels made square.
        resolution: what is wished for; without it pictures stay as large as they are, but for an odd side.
        bounds: what is possible.
        blamed: the operation that asked for an encode.

    Raises:
        OptionError: of a size that is odd, too small or too large.

    """
    upright = source.shown_size
    if resolution is None:
        framing = Framing(None if source.pixel_aspect == 1 else upright, _cut_even(upright))
        if not bounds.allow(framing.size):
            raise OptionError(
                blamed, "", f"needs a transcode with a resolution: the source is {upright}; {bounds}"
            )
        return framing
    framing = _framing(upright, resolution)
    if not bounds.allow(framing.size):
        raise resolution.refused(f"would make pictures of {framing.size}; {bounds}")
    # A long thin picture over a square one becomes a very long one before it is cut.
    if framing.scaled and (max(framing.scaled) > MAX_SIDE or framing.scaled.pixels > 4 * bounds.max_pixels):
        raise resolution.refused(f"would scale pictures to {framing.scaled} before they are cut; choose fit")
    if framing.scaled == upright and source.pixel_aspect == 1:
        return framing._replace(scaled=None)
    return framing


def fit(size: Size, within: Size) -> Size:
    """Give the largest size of the same shape inside another one, in whole pixels, at least 1 a side.

    >>> fit(Size(1920, 1080), Size(320, 240))
    Size(width=320, height=180)
    """
    if size.width * within.height > size.height * within.width:
        return Size(within.width, max(1, round(size.height * within.width / size.width)))
    return Size(max(1, round(size.width * within.height / size.height)), within.height)


def _framing(upright: Size, resolution: Said[Resolution]) -> Framing:
    asked = resolution.value
    if asked.size is None:
        return _to_height(upright, resolution, asked.height or 0)
    if min(asked.size) < 1:
        raise resolution.refused("must be 1 or more on both sides")
    match asked.resize:
        case Resize.FIT:
            inside = _round_even(fit(upright, asked.size), asked.size)
            return Framing(inside, inside)
        case Resize.EXACT:
            _check_even(resolution, asked.size)
            return Framing(asked.size, asked.size)
        case Resize.FILL:
            _check_even(resolution, asked.size)
            return Framing(_cover(upright, asked.size), asked.size)


def _to_height(upright: Size, resolution: Said[Resolution], height: int) -> Framing:
    if height < 1 or height % 2:
        raise resolution.refused("must be even")
    width = max(2, 2 * round(upright.width * height / upright.height / 2))
    return Framing(Size(width, height), Size(width, height))


def _check_even(resolution: Said[Resolution], size: Size) -> None:
    if size.width % 2 or size.height % 2:
        raise resolution.refused(f"must be even on both sides, such as {_round_even(size, size)}")


def _round_even(size: Size, within: Size) -> Size:
    """Round to even sides that are not longer than `within`'s."""
    width, height = (
        max(2, min(2 * round(side / 2), most - most % 2)) for side, most in zip(size, within, strict=True)
    )
    return Size(width, height)


def _cut_even(size: Size) -> Size:
    return Size(size.width - size.width % 2, size.height - size.height % 2)


def _cover(upright: Size, over: Size) -> Size:
    """Give the smallest size of the same shape that covers another one."""
    if upright.width * over.height > upright.height * over.width:
        return Size(max(over.width, round(upright.width * over.height / upright.height)), over.height)
    return Size(over.width, max(over.height, round(upright.height * over.width / upright.width)))
