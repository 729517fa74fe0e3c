"""The strategy of the middle."""

from oven.media.strategies.center_crop import CENTER_CROP
from oven.media.strategies.strategy import Placing


def test_nothing_stands_beside_it() -> None:
    """It covers all of the canvas."""
    assert (CENTER_CROP.placing, CENTER_CROP.behind) == (Placing.COVER, None)
