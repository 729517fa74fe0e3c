"""What is asked of a short, as a job keeps it."""

import pytest
from pydantic import ValidationError

from oven.recipes.short_request import REQUESTS
from tests.recipes.test_short import ASKED


def test_json() -> None:
    """It comes back from JSON as what it was."""
    assert REQUESTS.validate_python(ASKED.as_json()) == ASKED


def test_a_strategy_that_nobody_knows() -> None:
    """A job of a later Oven is not taken for another one."""
    with pytest.raises(ValidationError):
        REQUESTS.validate_python({**ASKED.as_json(), "strategy": "smart"})
