"""The doors put together."""

import pytest

from oven.entrances import origins_of
from oven.settings import read_settings


@pytest.mark.parametrize(
    ("environment", "origins"),
    [
        ({}, set()),
        ({"OVEN_PUBLIC_URL": "https://Oven.example.com"}, {"oven.example.com"}),
        ({"OVEN_PUBLIC_URL": "http://a:8080", "OVEN_ORIGINS": "b, c"}, {"a:8080", "b", "c"}),
    ],
)
def test_whose_pages_may_watch(environment: dict[str, str], origins: set[str]) -> None:
    """Those that the operator lists, and our own."""
    assert origins_of(read_settings(environment)) == origins
