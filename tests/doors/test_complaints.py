"""What is wrong with a request, and in which order it is told."""

from typing import Annotated

import pytest
from pydantic import Field, PlainValidator, ValidationError

from oven.domain.errors import Code, OvenError, UnauthorizedError
from oven.doors.complaints import Complaint, Kind, complain, refusal
from oven.doors.fields import Asked, Text
from oven.doors.problems import FieldsError


def _refuse(value: object) -> str:
    """Take a text that names what to complain of."""
    raise complain(*(Complaint(kind=Kind(kind), about=f" is {kind}") for kind in str(value).split()))


class Pair(Asked):
    """Two fields, of which the second refuses whatever comes."""

    one_text: Text
    other: Annotated[str, PlainValidator(_refuse)]
    number: int = 1


class Listed(Asked):
    """One of several."""

    number: int = 1


def told(**given: object) -> OvenError:
    with pytest.raises(ValidationError) as caught:
        Pair.model_validate(given)
    return refusal(caught.value)


def pointers(error: OvenError) -> list[str]:
    assert isinstance(error, FieldsError)
    return [pointer for pointer, _ in error.errors]


def test_what_is_missing_or_no_text_comes_alone() -> None:
    """First what is missing, whichever field it is."""
    assert pointers(told(oneText="x\n", other="missing value url")) == ["/other", "/oneText"]
    assert told(oneText="", other="value").message == "oneText is missing"


def test_a_secret_comes_before_the_rest() -> None:
    """And says nothing of it."""
    error = told(oneText="x", other="url value secret")
    assert isinstance(error, UnauthorizedError)
    assert (error.code, error.message) == (Code.AUTH_INVALID, "other is secret")


def test_all_the_rest_comes_together() -> None:
    """Values before URLs."""
    error = told(oneText="x", other="url value url")
    assert error.message == "other is value; other is url; other is url"
    assert pointers(error) == ["/other"] * 3


def test_urls_alone_have_a_code_of_their_own() -> None:
    """With the hint of the first; beside anything else they have none."""

    def check(_: object) -> str:
        raise complain(Complaint(kind=Kind.URL, message="blocked", code=Code.URL_BLOCKED, hint="ask"))

    class Linked(Asked):
        """A URL, and a name."""

        url: Annotated[str, PlainValidator(check)]
        number: int = 1

    for given, code, hint in (
        ({"url": "x"}, Code.URL_BLOCKED, "ask"),
        ({"url": "x", "number": "x"}, Code.FIELD_INVALID, ""),
    ):
        with pytest.raises(ValidationError) as caught:
            Linked.model_validate(given)
        error = refusal(caught.value)
        assert (error.code, error.hint) == (code, hint)
        assert error.message.endswith("blocked")


def test_what_pydantic_says_itself() -> None:
    """Stands behind the field's name; what was given is not repeated."""
    error = told(oneText="x", other="value", number="a secret")
    assert pointers(error) == ["/other", "/number"]
    assert "number: Input should be" in error.message
    assert "a secret" not in error.message


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (3, "pairs must be a list"),
        ([], "pairs must have 1 at least"),
        ([{}] * 3, "pairs must have 2 at most"),
        ([3], "pairs.0 must be an object"),
    ],
)
def test_lists(pairs: object, message: str) -> None:
    """What is wrong with one is said in words of a field, not of a program."""

    class Several(Asked):
        """Some pairs."""

        pairs: Annotated[list[Listed], Field(min_length=1, max_length=2)]

    with pytest.raises(ValidationError) as caught:
        Several.model_validate({"pairs": pairs})
    assert refusal(caught.value).message == message
