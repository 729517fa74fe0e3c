"""JSON bodies."""

import pytest
from hypothesis import given

from oven.domain.errors import BadInputError, Code
from oven.doors.bodies import MAX_FIELD_CHARS, is_text, parse_object, require_texts
from oven.doors.problems import FieldsError
from tests.strategies import BODIES


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


@given(BODIES)
def test_any_body_is_an_object_or_refused(data: bytes) -> None:
    """Whatever comes; and what is asked of an object's fields is there as a text, or refused by name."""
    try:
        body = parse_object(data)
        found = require_texts(body, ["mongoId", "slug"])
    except FieldsError as error:
        assert {pointer for pointer, _ in error.errors} <= {"/mongoId", "/slug"}
    except BadInputError as error:
        assert error.code is Code.BODY_INVALID
    else:
        assert all(value and value.isprintable() for value in found.values())
