"""A short storm over all doors."""

from pathlib import Path

import pytest

from tests.storm.storm import storm


@pytest.mark.timeout(120)
async def test_a_storm(tmp_path: Path) -> None:
    """Every answer is one that the door may give: no crash, problems as problems, bad data refused."""
    weather = await storm(tmp_path, count=8, seed=20261120)
    assert weather.crashes == []
    assert weather.is_fair, weather.said
    assert weather.requests > 100
