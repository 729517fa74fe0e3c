"""JSON bodies."""

import pytest

from oven.doors.bodies import MAX_FIELD_CHARS, is_text, require_texts
from oven.doors.problems import FieldsError


def test_missing_before_wrong() -> None:
    """All that is missing, by name; then all that is no text; in one answer."""
    with pytest.raises(FieldsError) as caught:
        require_texts({"a": None, "b": 7, "d": "\n"}, ["a", "b", "c", "d"])
    assert [pointer for pointer, _ in caught.value.errors] == ["/a", "/c", "/b", "/d"]
    assert caught.value.message.startswith("a is missing; c is missing; b must be a text without")
    assert require_texts({"a": "x", "z": 1}, ["a"]) == {"a": "x"}


def test_texts() -> None:
    """Printable, and not at length."""
    assert is_text("sésame 7")
    assert not any(map(is_text, ["a\x00", "a\r\n", "x" * (MAX_FIELD_CHARS + 1), 7, None, ["x"]]))
