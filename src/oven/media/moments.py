"""Which pictures are taken of the result, and how large."""

from collections.abc import Sequence

from oven.media.cutting import TOLERANCE_S, moment_rule, seconds_text
from oven.media.edit import Still
from oven.media.edit_graph import fitted
from oven.media.geometry import MAX_SIDE, Size
from oven.media.operations import Moment, OptionError, StillFormat, Thumbnail
from oven.media.wish import Said

SUFFIXES = {StillFormat.JPEG: "jpg", StillFormat.PNG: "png", StillFormat.WEBP: "webp"}


def settle_stills(
    asked: Sequence[Said[Thumbnail]], *, duration_s: float, frame_s: float, size: Size, max_pixels: int
) -> tuple[Still, ...]:
    """Tell which pictures are taken, numbered through from 1.

    Args:
        asked: the operations.
        duration_s: of the result.
        frame_s: how long one of its frames stays.
        size: of its pictures as displayed.
        max_pixels: of a picture.

    Raises:
        OptionError: of a moment that there is not, or a size that cannot be.

    """
    stills: list[Still] = []
    for said in asked:
        within = _size(said, size, max_pixels)
        if not said.value.timestamps:
            raise OptionError(said.operation, "timestamps", "must name a moment at least")
        for place, moment in enumerate(said.value.timestamps):
            file = f"thumbnail-{len(stills) + 1}.{SUFFIXES[said.value.format]}"
            option = f"timestamps/{place}"
            at_s = _at_s(moment, said.operation, option, duration_s=duration_s, frame_s=frame_s)
            stills.append(Still(file, at_s, within, said.value.format))
    return tuple(stills)


def _at_s(moment: Moment, index: int, option: str, *, duration_s: float, frame_s: float) -> float:
    if rule := moment_rule(moment):
        raise OptionError(index, option, rule)
    at_s = moment.seconds(duration_s)
    if at_s > duration_s + max(TOLERANCE_S, frame_s):
        raise OptionError(index, option, f"must be within the result, which lasts {seconds_text(duration_s)}")
    # Of the end there is no picture; the last one begins a frame earlier.
    return min(at_s, max(0.0, duration_s - frame_s))


def _size(said: Said[Thumbnail], size: Size, max_pixels: int) -> Size | None:
    within = said.value.size
    if within is None:
        if size.pixels > max_pixels:
            raise OptionError(said.operation, "size", f"must be given, for the result is {size}")
        return None
    if min(within) < 1 or max(within) > MAX_SIDE:
        raise OptionError(said.operation, "size", f"must be 1 to {MAX_SIDE:,} on both sides")
    if fitted(size, within).pixels > max_pixels:
        raise OptionError(said.operation, "size", f"must hold at most {max_pixels:,} pixels")
    return within
