"""What is to come of a job, as the API describes it."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from oven.doors.outlook import EtaS, Position, Speed


@pytest.mark.parametrize(("kind", "good", "bad"), [(Position, 1, 0), (Speed, 0.5, -0.5), (EtaS, 1, 0)])
def test_what_they_may_be(kind: Any, good: float, bad: float) -> None:
    """Null, or a number in its bounds."""
    adapter: TypeAdapter[float | None] = TypeAdapter(kind)
    assert [adapter.validate_python(value) for value in (None, good)] == [None, good]
    with pytest.raises(ValidationError):
        adapter.validate_python(bad)
