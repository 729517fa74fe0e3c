"""Instants in JSON."""

from oven.domain.instants import iso


def test_utc_to_the_millisecond() -> None:
    """None where there is none."""
    assert iso(1_500) == "1970-01-01T00:00:01.500Z"
    assert iso(None) is None
