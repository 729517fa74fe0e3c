"""What doors ask of a request."""

import pytest
from aiohttp.test_utils import make_mocked_request

from oven.domain.errors import BadInputError, Code
from oven.doors.problems import FieldsError
from oven.doors.submission import identity, key_of, refuse, wrong_metadata, wrong_names, wrong_urls


def test_names() -> None:
    """Complained of by field; absent ones are none."""
    wrong = wrong_names({"slug": "2025.10.17", "code": None, "other": "../x", "number": 7})
    assert [pointer for pointer, _ in wrong] == ["/other", "/number"]


def test_metadata() -> None:
    """An object, or nothing."""
    assert wrong_metadata(None) == wrong_metadata({}) == []
    assert wrong_metadata([]) == [("/metadata", "metadata must be an object")]
    ((pointer, message),) = wrong_metadata({"scaledSize": [0, 1]})
    assert (pointer, "scaledSize" in message) == ("/metadata/scaledSize", True)


def test_complaints_are_made_together() -> None:
    """All in one error; none where there is nothing to complain of."""
    refuse([])
    with pytest.raises(FieldsError) as caught:
        refuse([("/a", "a is wrong"), ("/b", "b is wrong")])
    assert caught.value.message == "a is wrong; b is wrong"


def test_urls_and_fields_are_told_together() -> None:
    """With a pointer to each; by a URL's own code where nothing else is wrong."""

    def check(text: str, name: str) -> None:
        if text == "bad":
            raise BadInputError(Code.URL_BLOCKED, f"{name} is blocked")

    urls = wrong_urls({"a": "bad", "b": "good", "c": "bad"}, {"a": check, "b": check, "c": check})
    assert [pointer for pointer, _ in urls] == ["/a", "/c"]
    for wrong, code in (([], Code.URL_BLOCKED), ([("/slug", "slug is wrong")], Code.FIELD_INVALID)):
        with pytest.raises(FieldsError) as caught:
            refuse(wrong, urls)
        assert caught.value.code is code
        assert [pointer for pointer, _ in caught.value.errors] == [*(where for where, _ in wrong), "/a", "/c"]


def test_repeats() -> None:
    """Signatures in queries make no difference; all else does."""
    one = identity("bake", ["https://h/x?sig=1"], {"a": 1, "b": 2})
    assert one == identity("bake", ["https://h/x?sig=2"], {"b": 2, "a": 1})
    assert one != identity("convert", ["https://h/x?sig=1"], {"a": 1, "b": 2})
    assert one != identity("bake", ["https://h/y?sig=1"], {"a": 1, "b": 2})


@pytest.mark.parametrize(
    ("given", "key"),
    [(None, ""), ("abc-1", "abc-1"), ('"abc-1"', "abc-1"), ("a b", "a b"), ("x" * 128, "x" * 128)],
)
def test_callers_keys(given: str | None, key: str) -> None:
    """Quoted, as the draft says, or bare."""
    headers = {} if given is None else {"Idempotency-Key": given}
    assert key_of(make_mocked_request("POST", "/bake", headers=headers)) == key


@pytest.mark.parametrize("given", ["", '""', '"a', 'a"b"', "é", "x" * 129, "a\tb"])
def test_keys_that_are_none(given: str) -> None:
    """Refused: a key that is dropped would double a job."""
    with pytest.raises(BadInputError, match="Idempotency-Key"):
        key_of(make_mocked_request("POST", "/bake", headers={"Idempotency-Key": given}))
