"""How a job stands."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from oven.domain.job import Outlook
from oven.pipeline.standing import EtaS, Position, Speed, Standing, standing
from tests.doors.test_jobs import RECORD


def test_all_that_is_told() -> None:
    """As the type has it; progress to four places."""
    told = standing(replace(RECORD, outlook=Outlook(position=3, speed=0.5, eta_s=20)))
    assert TypeAdapter(Standing).validate_python(told) == told
    assert (told["progress"], told["position"], told["speed"], told["etaS"]) == (0.1235, 3, 0.5, 20)


@pytest.mark.parametrize(("kind", "good", "bad"), [(Position, 1, 0), (Speed, 0.5, -0.5), (EtaS, 1, 0)])
def test_what_they_may_be(kind: Any, good: float, bad: float) -> None:
    """Null, or a number in its bounds."""
    adapter: TypeAdapter[float | None] = TypeAdapter(kind)
    assert [adapter.validate_python(value) for value in (None, good)] == [None, good]
    with pytest.raises(ValidationError):
        adapter.validate_python(bad)
