"""The fields of requests about scenes."""

import math
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from oven.doors.scene_fields import OptionalSeconds, SceneName, Seconds, check_order

SECONDS: TypeAdapter[float] = TypeAdapter(Seconds)
OPTIONAL: TypeAdapter[float | None] = TypeAdapter(OptionalSeconds)
NAME: TypeAdapter[str | None] = TypeAdapter(SceneName)


@pytest.mark.parametrize("value", [True, False, "1", "", [], {}, -1, -1e-9, math.nan, math.inf, -math.inf])
def test_what_is_no_time(value: Any) -> None:
    """Numbers alone, finite and not before the start; of true nobody means a second."""
    for kind in (SECONDS, OPTIONAL):
        with pytest.raises(ValidationError):
            kind.validate_python(value)


def test_times() -> None:
    """Whole ones, too; nought has no sign."""
    for value, seconds in ((0, 0.0), (-0.0, 0.0), (7, 7.0), (1e300, 1e300), (2**63, 2.0**63)):
        taken = SECONDS.validate_python(value)
        assert (taken, math.copysign(1, taken), type(taken)) == (seconds, 1, float)
    assert OPTIONAL.validate_python(None) is None
    with pytest.raises(ValidationError):
        SECONDS.validate_python(None)


def test_names() -> None:
    """In any script, and none; what breaks lines or turns writing round is refused."""
    for name in ("", None, "Der Kuß 💋", "場面", "a" * 255):
        assert NAME.validate_python(name) == name
    for wrong in ("a" * 256, "a\nb", "\0", "a\u202eb", "\ud800", 7, ["a"]):
        with pytest.raises(ValidationError):
            NAME.validate_python(wrong)


def test_an_order() -> None:
    """Is looked at where both are known."""
    assert check_order(0.3, 0.2) == 0.3
    assert check_order(0.1, None) == 0.1
    assert check_order(None, 5.0) is None
    with pytest.raises(PydanticCustomError):
        check_order(0.29, 0.2)
