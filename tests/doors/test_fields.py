"""The fields of requests."""

import re

import pytest
from jsonschema_rs import validator_for
from pydantic import TypeAdapter

from oven.domain.errors import BadInputError, Code, OvenError
from oven.doors.bodies import parse_as
from oven.doors.fields import (
    MAX_FIELD_CHARS,
    METADATA_SCHEMA,
    PRINTABLE,
    Asked,
    CallbackUrl,
    Checks,
    Metadata,
    Name,
    OptionalName,
    ProgressUrl,
    Secret,
    SourceUrl,
    Text,
    is_text,
)
from oven.doors.problems import FieldsError
from oven.media.geometry import MAX_SIDE


def _check(text: str, name: str) -> None:
    if text == "bad":
        raise BadInputError(Code.URL_BLOCKED, f"{name} is blocked", hint="ask")


CHECKS = Checks(source=_check, callback=_check, secret="sésame")


class Everything(Asked):
    """A field of each kind."""

    plain: Text = "x"
    slug: Name = "x"
    code: OptionalName = None
    zip_url: SourceUrl = "good"
    callback_url: CallbackUrl = "good"
    progress_url: ProgressUrl = ""
    key: Secret = "sésame"
    metadata: Metadata = None


def refused(**given: object) -> OvenError:
    with pytest.raises(OvenError) as caught:
        parse_as(Everything, given, CHECKS)
    return caught.value


def pointers(**given: object) -> list[str]:
    error = refused(**given)
    assert isinstance(error, FieldsError)
    return [pointer for pointer, _ in error.errors]


def test_missing_before_wrong() -> None:
    """All that is missing, by name; then all that is no text; in one answer."""
    given = {"plain": 7, "slug": None, "zipUrl": "\n", "callbackUrl": ""}
    assert pointers(**given) == ["/slug", "/callbackUrl", "/plain", "/zipUrl"]
    assert refused(**given).message.startswith(
        "slug is missing; callbackUrl is missing; plain must be a text without"
    )


def test_texts() -> None:
    """Printable, and not at length."""
    assert is_text("sésame 7")
    assert not any(map(is_text, ["a\x00", "a\r\n", "x" * (MAX_FIELD_CHARS + 1), 7, None, ["x"]]))


def test_the_pattern_of_texts_refuses_nothing_that_is_taken() -> None:
    """It is told to clients, so it must be true, although it is not the whole truth."""
    for number in range(0x3000):
        assert re.search(PRINTABLE, chr(number)) or not is_text(chr(number)), number


def test_names() -> None:
    """Complained of by field; an optional one may be null, and nothing else."""
    assert pointers(slug="../x") == ["/slug"]
    assert pointers(code=7, slug="a b") == ["/slug", "/code"]
    assert pointers(code="") == ["/code"]
    assert parse_as(Everything, {"slug": "2025.10.17", "code": None}, CHECKS).code is None


def test_metadata() -> None:
    """An object, or nothing; each size that cannot be has its pointer."""
    assert parse_as(Everything, {"metadata": None}, CHECKS).metadata is None
    assert parse_as(Everything, {"metadata": {"a": 1}}, CHECKS).metadata == {"a": 1}
    assert refused(metadata=[]).message == "metadata must be an object"
    assert pointers(metadata={"scaledSize": [0, 1], "scale": "x"}) == [
        "/metadata/scaledSize",
        "/metadata/scale",
    ]


@pytest.mark.parametrize(
    ("metadata", "is_taken"),
    [
        (None, True),
        ({}, True),
        ({"scaledSize": [1, 2]}, True),
        ({"scaledSize": [1.0, 2]}, True),
        ({"scaledSize": [1, 2], "scale": "x"}, True),
        ({"scaledSize": None, "scale": 3}, True),
        ({"scale": None, "frameCount": "many"}, True),
        ({"scaledSize": [1]}, False),
        ({"scaledSize": [0, 1]}, False),
        ({"scaledSize": [True, 1]}, False),
        ({"scaledSize": [1.5, 1]}, False),
        ({"scaledSize": "1,2"}, False),
        ({"scaledSize": [0, 1], "scale": 3}, False),
        ([], False),
        ("x", False),
    ],
)
def test_the_schema_of_metadata_is_true(metadata: object, *, is_taken: bool) -> None:
    """It takes what the field takes."""
    assert _takes(metadata) is is_taken
    assert validator_for(METADATA_SCHEMA).is_valid(metadata) is is_taken


@pytest.mark.parametrize("scale", [0, "3", -1, 1.5, MAX_SIDE + 1])
def test_a_scale_is_said_in_words(scale: object) -> None:
    """No type could say when it is looked at, so the schema takes more than the field, and never less."""
    assert not _takes({"scale": scale})
    assert validator_for(METADATA_SCHEMA).is_valid({"scale": scale})


def _takes(metadata: object) -> bool:
    try:
        parse_as(Everything, {"metadata": metadata}, CHECKS)
    except FieldsError:
        return False
    return True


def test_urls() -> None:
    """Each by its own check, told by its field's name; what checks know comes with the request."""
    error = refused(zipUrl="bad", callbackUrl="bad")
    assert (error.code, error.hint) == (Code.URL_BLOCKED, "ask")
    assert error.message == "zipUrl is blocked; callbackUrl is blocked"
    assert refused(zipUrl="bad", slug="a b").code is Code.FIELD_INVALID


def test_secrets() -> None:
    """Compared where the door has one; any will do where it has none."""
    assert refused(key="sesame", slug="a b").code is Code.AUTH_INVALID
    anybody = Checks(source=_check, callback=_check)
    assert parse_as(Everything, {"key": "any"}, anybody).key == "any"


def test_schemas() -> None:
    """Said by the fields themselves, under the names that callers write."""
    schema = TypeAdapter(Everything).json_schema()
    assert list(schema["properties"]) == [
        *("plain", "slug", "code", "zipUrl", "callbackUrl", "progressUrl", "key", "metadata"),
    ]
    assert schema["properties"]["key"]["writeOnly"] is True


@pytest.mark.parametrize(("given", "url"), [(..., ""), (None, ""), ("", ""), ("https://h/p", "https://h/p")])
def test_an_address_for_progress(given: object, url: str) -> None:
    """May be left out."""
    body = {} if given is ... else {"progressUrl": given}
    assert parse_as(Everything, body, CHECKS).progress_url == url


def test_bad_addresses_for_progress() -> None:
    """Are refused as those of callbacks are."""
    assert pointers(progressUrl=7) == ["/progressUrl"]
    error = refused(progressUrl="bad")
    assert (error.code, error.message) == (Code.URL_BLOCKED, "progressUrl is blocked")
