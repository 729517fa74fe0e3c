"""Strategies as data."""

from oven.media.strategies import STRATEGIES, StrategyName
from oven.media.strategies.strategy import Blur


def test_every_name_has_its_strategy() -> None:
    """And goes by that name; what is offered is what can be done."""
    assert set(STRATEGIES) == set(StrategyName)
    assert all(strategy.name is name for name, strategy in STRATEGIES.items())


def test_a_blur_is_small() -> None:
    """What lies out of focus is made small, where it costs little: a sixteenth of the pixels at most."""
    blurs = [each.behind for each in STRATEGIES.values() if isinstance(each.behind, Blur)]
    assert blurs
    assert all(blur.shrink >= 4 and blur.radius_px >= 1 and 0 < blur.brightness <= 1 for blur in blurs)
