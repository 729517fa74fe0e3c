"""A short run of what `python -m tests.fuzz` does at length."""

from pathlib import Path

import pytest

from oven.domain.errors import Code
from tests.fuzz.mutations import ACCEPTED, TARGETS, run


@pytest.mark.parametrize("name", list(TARGETS))
def test_nothing_but_our_codes(name: str, tmp_path: Path) -> None:
    """Whatever is broken; and some of it is, while some can still be read."""
    answers, escaped = run(TARGETS[name], 1_500, 7, tmp_path)
    assert escaped == []
    assert set(answers) <= {ACCEPTED, *Code}
    assert answers[ACCEPTED] > 0
    assert len(answers) > 1
