"""What doors ask of a request."""

import re

import pytest
from aiohttp.test_utils import make_mocked_request

from oven.domain.errors import BadInputError
from oven.doors.submission import KEY_PARAMETER, identity, key_of, unless_usual


def test_repeats() -> None:
    """Signatures in queries make no difference; all else does."""
    one = identity("bake", ["https://h/x?sig=1"], {"a": 1, "b": 2})
    assert one == identity("bake", ["https://h/x?sig=2"], {"b": 2, "a": 1})
    assert one != identity("convert", ["https://h/x?sig=1"], {"a": 1, "b": 2})
    assert one != identity("bake", ["https://h/y?sig=1"], {"a": 1, "b": 2})


def test_what_is_asked_for_anew() -> None:
    """Is another request; one that asks for the usual is what it was before there was a choice."""
    usual = identity("bake", ["https://h/x"], {}, *unless_usual(reuse=True))
    assert usual == identity("bake", ["https://h/x"], {})
    assert usual != identity("bake", ["https://h/x"], {}, *unless_usual(reuse=False))


@pytest.mark.parametrize(
    ("given", "key"),
    [(None, ""), ("abc-1", "abc-1"), ('"abc-1"', "abc-1"), ("a b", "a b"), ("x" * 128, "x" * 128)],
)
def test_callers_keys(given: str | None, key: str) -> None:
    """Quoted, as the draft says, or bare."""
    headers = {} if given is None else {"Idempotency-Key": given}
    assert key_of(make_mocked_request("POST", "/bake", headers=headers)) == key
    assert given is None or re.search(KEY_PARAMETER.schema["pattern"], given)


@pytest.mark.parametrize("given", ["", '""', '"a', 'a"b"', "é", "x" * 129, "a\tb"])
def test_keys_that_are_none(given: str) -> None:
    """Refused: a key that is dropped would double a job."""
    assert not re.search(KEY_PARAMETER.schema["pattern"], given)
    with pytest.raises(BadInputError, match="Idempotency-Key"):
        key_of(make_mocked_request("POST", "/bake", headers={"Idempotency-Key": given}))
