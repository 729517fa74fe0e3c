"""Instants as the API describes them."""

from pydantic import TypeAdapter

from oven.pipeline.instants import Instant, Milliseconds


def test_how_they_are_described() -> None:
    """As texts of RFC 3339, or as numbers."""
    assert TypeAdapter(Instant).json_schema()["format"] == "date-time"
    number = TypeAdapter(Milliseconds).json_schema()
    assert (number["type"], number["description"]) == ("integer", "Milliseconds since 1970, UTC.")
