"""What is asked of exports of scenes."""

import pytest
from pydantic import ValidationError

from oven.doors.fields import Checks
from oven.doors.short_order import MAX_BATCH, ShortOrder, ShortsOrder, Trim
from oven.media.short import Quality
from oven.media.strategies import StrategyName
from tests.doors.test_telling import allow

CHECKS = Checks(source=allow, callback=allow)


def test_nothing_need_be_said() -> None:
    """The middle of the picture, as good as it can be, all of the scene."""
    order = ShortOrder.model_validate({}, context=CHECKS)
    assert (order.aspect_ratio_strategy, order.output_quality, order.trim) == (
        *(StrategyName.CENTER_CROP, Quality.HIGH, None),
    )


def test_words() -> None:
    """Are in snake case."""
    asked = {
        "aspect_ratio_strategy": "blur",
        "output_quality": "medium",
        "trim": {"start_s": 1, "end_s": 2.5},
    }
    order = ShortOrder.model_validate(asked, context=CHECKS)
    assert (order.aspect_ratio_strategy, order.output_quality) == (StrategyName.BLUR, Quality.MEDIUM)
    assert order.trim == Trim(start_s=1.0, end_s=2.5)


@pytest.mark.parametrize("count", [0, MAX_BATCH + 1])
def test_several_are_not_too_many(count: int) -> None:
    """One at least."""
    with pytest.raises(ValidationError):
        ShortsOrder.model_validate({"exports": [{"scene_id": "s"}] * count}, context=CHECKS)
