"""The ways in which a picture of any shape comes to stand on a canvas: data, a module each."""

from collections.abc import Mapping
from types import MappingProxyType

from oven.media.strategies.blur import BLUR
from oven.media.strategies.center_crop import CENTER_CROP
from oven.media.strategies.letterbox import LETTERBOX
from oven.media.strategies.strategy import Strategy, StrategyName

__all__ = ["STRATEGIES", "Strategy", "StrategyName"]

STRATEGIES: Mapping[StrategyName, Strategy] = MappingProxyType(
    {each.name: each for each in (CENTER_CROP, LETTERBOX, BLUR)}
)
