"""JSON bodies."""

import pytest

from oven.doors.bodies import MAX_FIELD_CHARS, is_text, require_texts
from oven.doors.problems import FieldsError


def test_missing_before_wrong() -> None:
    """All that is missing, by name; then all that is no text."""
    with pytest.raises(FieldsError) as caught:
        require_texts({"a": None, "b": 7}, ["a", "b", "c"])
    assert [pointer for pointer, _ in caught.value.errors] == ["/a", "/c"]
    with pytest.raises(FieldsError) as caught:
        require_texts({"a": "x", "b": 7, "c": "\n"}, ["a", "b", "c"])
    assert [pointer for pointer, _ in caught.value.errors] == ["/b", "/c"]
    assert require_texts({"a": "x", "z": 1}, ["a"]) == {"a": "x"}


def test_texts() -> None:
    """Printable, and not at length."""
    assert is_text("sésame 7")
    assert not any(map(is_text, ["a\x00", "a\r\n", "x" * (MAX_FIELD_CHARS + 1), 7, None, ["x"]]))
