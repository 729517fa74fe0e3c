"""The strategy of bars."""

from oven.media.strategies.letterbox import LETTERBOX
from oven.media.strategies.strategy import Placing


def test_nothing_is_lost() -> None:
    """All of the picture is seen, and black around it."""
    assert (LETTERBOX.placing, LETTERBOX.behind) == (Placing.CONTAIN, None)
