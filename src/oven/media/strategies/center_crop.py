"""The middle of the picture, as large as the canvas: what stands at its sides is lost."""

from oven.media.strategies.strategy import Placing, Strategy, StrategyName

CENTER_CROP = Strategy(name=StrategyName.CENTER_CROP, placing=Placing.COVER)
