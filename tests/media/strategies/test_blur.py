"""The strategy of a background out of focus."""

from oven.media.strategies.blur import BLUR
from oven.media.strategies.strategy import Placing


def test_nothing_is_lost() -> None:
    """All of the picture is seen, and around it a darker one."""
    assert BLUR.placing is Placing.CONTAIN
    assert BLUR.behind is not None
    assert BLUR.behind.brightness < 1
