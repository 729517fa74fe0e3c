"""Shorts that were asked for; all else of them is asked over HTTP with their door."""

import pytest

from oven.domain.job import JobState
from oven.doors.short import STATUSES, ShortStatus


@pytest.mark.parametrize("state", list(JobState))
def test_every_state_has_its_status(state: JobState) -> None:
    """And each status can be asked for."""
    assert STATUSES[state] in list(ShortStatus)
    assert set(STATUSES.values()) == set(ShortStatus)
