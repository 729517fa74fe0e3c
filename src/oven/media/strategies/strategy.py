"""A strategy: how a picture of any shape comes to stand on a canvas of another one."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class StrategyName(StrEnum):
    """The strategies, by the names that callers use."""

    CENTER_CROP = "center_crop"
    LETTERBOX = "letterbox"
    BLUR = "blur"


class Placing(StrEnum):
    """All of the canvas is covered, and what of the picture lies outside is lost; or all of it is seen."""

    COVER = "cover"
    CONTAIN = "contain"


class Blur(NamedTuple):
    """The picture once more, covering all of the canvas, out of focus.

    Args:
        shrink: it is made so many times smaller than the canvas, blurred, and scaled up.
        radius_px: of the blur, in pixels of the small picture; 1 or more.
        brightness: of what it was, above 0 to 1.

    """

    shrink: int
    radius_px: int
    brightness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """How a picture is placed, and what is seen around it: black, where nothing else is said."""

    name: StrategyName
    placing: Placing
    behind: Blur | None = None
