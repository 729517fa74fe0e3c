"""The fields of requests: what each may hold, and what is said of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeGuard

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic.alias_generators import to_camel

from oven.domain.errors import BadInputError
from oven.doors.access import same_secret
from oven.doors.complaints import MISSING, Complaint, Kind, complain
from oven.doors.ports import CheckUrl
from oven.media.geometry import MAX_SIDE
from oven.recipes.tape_metadata import size_complaints

MAX_FIELD_CHARS = 4_096
# Of what nobody knows so many are named, each by so much of its name.
MAX_NAMED, MAX_NAMED_CHARS = 10, 64
NAME = re.compile(r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
NO_TEXT = f" must be a text without control characters, of at most {MAX_FIELD_CHARS} characters"
NO_NAME = (
    " must be letters, digits, dots, dashes and underscores, at most 128, "
    "the first a letter or digit, without .."
)
# What is printable is more than a pattern can say; what breaks this one is not.
PRINTABLE = r"^[^\u0000-\u001f\u007f-\u00a0]+$"
PRINTABLE_OR_NONE = r"^[^\u0000-\u001f\u007f-\u00a0]*$"
TEXT_SCHEMA = {"type": "string", "minLength": 1, "maxLength": MAX_FIELD_CHARS, "pattern": PRINTABLE}
NAME_SCHEMA = {"type": "string", "pattern": f"^{NAME.pattern}$"}
URL_SCHEMA = {"type": "string", "format": "uri", "minLength": 1, "maxLength": 2_048}
SIDE_SCHEMA = {"type": "integer", "minimum": 1, "maximum": MAX_SIDE}
METADATA_SCHEMA = {
    "type": ["object", "null"],
    "properties": {
        "scaledSize": {
            "type": ["array", "null"],
            "items": SIDE_SCHEMA,
            "minItems": 2,
            "maxItems": 2,
            "description": "Width and height of the video, in pixels.",
            "examples": [[1920, 1440]],
        },
        # Without a type, as the ones below: beside a good size it may be anything.
        "scale": {
            "description": f"How many times as large the video becomes, a whole number from 1 to {MAX_SIDE}; "
            "beside a good `scaledSize` it is not looked at."
        },
        "frameCount": {"description": "How many frames the tape should have; else the result has a warning."},
        "totalDuration": {"description": "How many seconds, or milliseconds, it should last; else likewise."},
    },
}


class Asked(BaseModel):
    """A request's body: read once, with its `Checks` beside; what it does not name is ignored."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, hide_input_in_errors=True)


class Strict(Asked):
    """A request in which an unknown field is a mistake, for what was meant by it would be lost in silence."""

    @model_validator(mode="before")
    @classmethod
    def _know_all(cls, value: object) -> object:
        known = sorted(field.alias or name for name, field in cls.model_fields.items())
        if isinstance(value, Mapping) and (unknown := [name for name in value if name not in known]):
            raise complain(
                *(
                    Complaint(
                        kind=Kind.VALUE,
                        message=f"{name[:MAX_NAMED_CHARS]} is no field; it must be one of {', '.join(known)}",
                        below=f"/{name[:MAX_NAMED_CHARS]}",
                    )
                    for name in unknown[:MAX_NAMED]
                )
            )
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What fields are held against that only a door knows; any secret will do where there is none."""

    source: CheckUrl
    callback: CheckUrl
    secret: str = ""


def is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and len(value) <= MAX_FIELD_CHARS and value.isprintable()


def _text(value: object) -> str:
    if value in (None, ""):
        raise complain(MISSING)
    if not is_text(value):
        raise complain(Complaint(kind=Kind.NO_TEXT, about=NO_TEXT))
    return value


def _optional_text(value: object) -> str:
    """Take a text that may be left out; empty where it is."""
    return "" if value in (None, "") else _text(value)


def _name(value: object) -> str:
    """Take what can stand in the key of an object."""
    if not (is_text(value) and NAME.fullmatch(value)):
        raise complain(Complaint(kind=Kind.VALUE, about=NO_NAME))
    return value


def _optional_name(value: object) -> str | None:
    return None if value is None else _name(value)


def _metadata(value: object) -> Mapping[str, Any] | None:
    """Take an object that asks for no size that cannot be."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise complain(Complaint(kind=Kind.VALUE, about=" must be an object"))
    if wrong := size_complaints(value):
        raise complain(
            *(Complaint(kind=Kind.VALUE, about=f": {one}", below=f"/{one.split()[0]}") for one in wrong)
        )
    return value


def _yes(value: object) -> bool:
    """Take a yes or no that may be left out; yes where it is."""
    if value is not None and not isinstance(value, bool):
        raise complain(Complaint(kind=Kind.VALUE, about=" must be true or false"))
    return value is not False


def _source(value: str, info: ValidationInfo[Checks]) -> str:
    return check_url(value, info.context.source, to_camel(info.field_name or ""))


def _callback(value: str, info: ValidationInfo[Checks]) -> str:
    return check_url(value, info.context.callback, to_camel(info.field_name or ""))


def _optional_source(value: str, info: ValidationInfo[Checks]) -> str:
    return _source(value, info) if value else ""


def _progress(value: object, info: ValidationInfo[Checks]) -> str:
    """Take an address that may be left out; empty where it is."""
    return "" if value in (None, "") else _callback(_text(value), info)


def check_url(value: str, check: CheckUrl, name: str) -> str:
    """Take the URL of a field, where it may be reached."""
    try:
        check(value, name)
    except BadInputError as error:
        raise complain(
            Complaint(kind=Kind.URL, message=error.message, code=error.code, hint=error.hint)
        ) from error
    return value


def _secret(value: str, info: ValidationInfo[Checks]) -> str:
    if info.context.secret and not same_secret(value, info.context.secret):
        raise complain(Complaint(kind=Kind.SECRET, about=" is not the one that this Oven knows"))
    return value


Text = Annotated[str, PlainValidator(_text), WithJsonSchema(TEXT_SCHEMA)]
Name = Annotated[str, PlainValidator(_text), AfterValidator(_name), WithJsonSchema(NAME_SCHEMA)]
OptionalName = Annotated[
    str | None,
    PlainValidator(_optional_name),
    WithJsonSchema({**NAME_SCHEMA, "type": ["string", "null"]}),
]
OptionalText = Annotated[
    str,
    PlainValidator(_optional_text),
    WithJsonSchema({**TEXT_SCHEMA, "type": ["string", "null"], "minLength": 0, "pattern": PRINTABLE_OR_NONE}),
]
SourceUrl = Annotated[str, PlainValidator(_text), AfterValidator(_source), WithJsonSchema(URL_SCHEMA)]
OptionalSourceUrl = Annotated[
    str,
    PlainValidator(_optional_text),
    AfterValidator(_optional_source),
    WithJsonSchema({**URL_SCHEMA, "type": ["string", "null"], "minLength": 0}),
]
CallbackUrl = Annotated[str, PlainValidator(_text), AfterValidator(_callback), WithJsonSchema(URL_SCHEMA)]
ProgressUrl = Annotated[
    str,
    PlainValidator(_progress),
    WithJsonSchema({**URL_SCHEMA, "type": ["string", "null"], "minLength": 0}),
    Field(description="Where progress is posted, by https, once a second at most."),
]
Secret = Annotated[
    str,
    PlainValidator(_text),
    AfterValidator(_secret),
    WithJsonSchema({**TEXT_SCHEMA, "format": "password", "writeOnly": True}),
]
Reuse = Annotated[
    bool,
    PlainValidator(_yes),
    WithJsonSchema({"type": ["boolean", "null"]}),
    Field(description="Whether what was made before of the same tape in the same way may be copied."),
]
Metadata = Annotated[Mapping[str, Any] | None, PlainValidator(_metadata), WithJsonSchema(METADATA_SCHEMA)]
