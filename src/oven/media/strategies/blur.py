"""All of the picture, before itself out of focus."""

from oven.media.strategies.strategy import Blur, Placing, Strategy, StrategyName

BLUR = Strategy(
    name=StrategyName.BLUR,
    placing=Placing.CONTAIN,
    # An eighth holds all that is left of a picture so far out of focus.  A little darker than the picture
    # before it, or the two run into one another.
    behind=Blur(shrink=8, radius_px=6, brightness=0.7),
)
