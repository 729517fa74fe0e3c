"""All of the picture, between black bars."""

from oven.media.strategies.strategy import Placing, Strategy, StrategyName

LETTERBOX = Strategy(name=StrategyName.LETTERBOX, placing=Placing.CONTAIN)
