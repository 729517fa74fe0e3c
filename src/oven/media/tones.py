"""What a tape's pictures are made of, squares or continuous tones, and the profile that goes with it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from oven.media.encode import PHOTO, PIXEL, Profile

# Frames that are looked at, spread over the tape: each costs a decode.
LOOKS = 5
# Measured on tapes of all kinds (share of equal neighbours; colours a pixel):
#
#   drawing 0.99; 0.0006    phone 0.98; 0.002    prompt 1.00; 0.0003    text 0.71; 0.002
#   plasma  0.91; 0.0001    tiles 0.33; 0.0001   dither 0.20; 0.0002
#   photo   0.002; 0.88     noise 0.00; 1.00
#
# Dithering has few equal neighbours, but few colours, too; drawings over a gradient have many of both.
FEWEST_EQUAL = 0.1
MOST_COLORS = 0.05


class Tones(NamedTuple):
    """Of the frames that were looked at: neighbours in a row that are equal, and different colours.

    Both are means of shares of all pixels, 0 to 1.
    """

    equal_share: float
    color_share: float


def looked_at(frames: int) -> tuple[int, ...]:
    """Give the indices of the frames to look at, from the first to the last, in order."""
    if frames <= LOOKS:
        return tuple(range(frames))
    return tuple(round(look * (frames - 1) / (LOOKS - 1)) for look in range(LOOKS))


def read_tones(inspected: Mapping[str, Any]) -> Tones | None:
    """Read what an inspection tells; an older release's tells nothing."""
    if "tones" not in inspected:
        return None
    return Tones(**inspected["tones"])


def profile_for(tones: Tones | None) -> Profile:
    """Choose how a tape is encoded: as pixel art, unless nothing in it looks like that."""
    if tones is None or tones.equal_share >= FEWEST_EQUAL or tones.color_share <= MOST_COLORS:
        return PIXEL
    return PHOTO
