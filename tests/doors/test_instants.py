"""Instants as the API describes them."""

from pydantic import TypeAdapter

from oven.doors.instants import Instant, Milliseconds


def test_how_they_are_described() -> None:
    """As texts of RFC 3339, or as numbers."""
    assert TypeAdapter(Instant).json_schema()["format"] == "date-time"
    assert TypeAdapter(Milliseconds).json_schema()["type"] == "integer"
