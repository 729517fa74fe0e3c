"""The fields of requests about assets: what each may hold, and what is said of it."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, TypeGuard

import orjson
from pydantic import Field, PlainValidator, WithJsonSchema

from oven.domain.asset import MAX_METADATA_BYTES, AssetType
from oven.domain.caller import OWNER, OWNER_RULE, is_owner
from oven.doors.complaints import Complaint, Kind, complain
from oven.doors.fields import is_text
from oven.media.names import MAX_NAME_CHARS
from oven.media.stills import MAX_TIMES

# Control characters, halves of pairs, ends of lines and of paragraphs.
CONTROLS = {"Cc", "Cs", "Zl", "Zp"}
# What turns the direction of writing: by it a name looks as if it had another ending.
TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
MAX_TAGS, MAX_TAG_CHARS = 50, 64
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
# No film is longer.
MAX_TIME_S = 86_400
LABEL_SCHEMA = {"type": ["string", "null"], "minLength": 1, "maxLength": MAX_NAME_CHARS}


def _type(value: object) -> AssetType:
    if not isinstance(value, str) or value not in list(AssetType):
        raise complain(Complaint(kind=Kind.VALUE, about=f" must be one of {', '.join(AssetType)}"))
    return AssetType(value)


def is_label(value: object, max_chars: int) -> TypeGuard[str]:
    """Whether a value is a short text in any script; systems put odd spaces into names, people emoji."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= max_chars
        and not any(unicodedata.category(char) in CONTROLS for char in value)
        and not any(unicodedata.bidirectional(char) in TURNS for char in value)
    )


def _label(value: object) -> str | None:
    """Take a short text that may be left out."""
    if value is None:
        return None
    if not is_label(value, MAX_NAME_CHARS):
        raise complain(
            Complaint(
                kind=Kind.VALUE,
                about=f" must be a text without control characters, of 1 to {MAX_NAME_CHARS} characters",
            )
        )
    return value


def _folder(value: object) -> str | None:
    return "" if value == "" else _label(value)


def _tags(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if (
        not isinstance(value, list)
        or len(value) > MAX_TAGS
        or not all(is_label(tag, MAX_TAG_CHARS) for tag in value)
    ):
        rule = f" must be a list of at most {MAX_TAGS} texts of 1 to {MAX_TAG_CHARS} characters each"
        raise complain(Complaint(kind=Kind.VALUE, about=rule))
    return tuple(dict.fromkeys(value))


def _metadata(value: object) -> Mapping[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise complain(Complaint(kind=Kind.VALUE, about=" must be an object"))
    if len(orjson.dumps(value)) > MAX_METADATA_BYTES:
        raise complain(Complaint(kind=Kind.VALUE, about=f" has more than {MAX_METADATA_BYTES:,} bytes"))
    return value


def _times(value: object) -> tuple[float, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MAX_TIMES or not all(map(_is_time, value)):
        rule = f" must be a list of at most {MAX_TIMES} times in seconds, each from 0 to {MAX_TIME_S}"
        raise complain(Complaint(kind=Kind.VALUE, about=rule))
    return tuple(float(at) for at in value)


def _is_time(value: object) -> bool:
    # Of bool, which is a number to Python, nobody means a time; NaN is within no bounds.
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_TIME_S


def _id(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise complain(Complaint(kind=Kind.VALUE, about=" must be a UUID"))
    return value.lower()


def _user(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not is_owner(value):
        raise complain(Complaint(kind=Kind.VALUE, about=f" must be {OWNER_RULE}"))
    return value


def _optional_secret(value: object) -> str:
    if value in (None, ""):
        return ""
    if not is_text(value):
        raise complain(Complaint(kind=Kind.VALUE, about=" must be a text without control characters"))
    return value


TypeField = Annotated[
    AssetType, PlainValidator(_type), WithJsonSchema({"type": "string", "enum": list(AssetType)})
]
Label = Annotated[str | None, PlainValidator(_label), WithJsonSchema(LABEL_SCHEMA)]
Folder = Annotated[
    str | None,
    PlainValidator(_folder),
    WithJsonSchema({**LABEL_SCHEMA, "minLength": 0}),
    Field(description="The caller's own for a folder; empty takes it out of any."),
]
Tags = Annotated[
    tuple[str, ...] | None,
    PlainValidator(_tags),
    WithJsonSchema(
        {
            "type": ["array", "null"],
            "items": {"type": "string", "minLength": 1, "maxLength": MAX_TAG_CHARS},
            "maxItems": MAX_TAGS,
        }
    ),
]
AssetMetadata = Annotated[
    Mapping[str, Any] | None, PlainValidator(_metadata), WithJsonSchema({"type": ["object", "null"]})
]
Times = Annotated[
    tuple[float, ...],
    PlainValidator(_times),
    WithJsonSchema(
        {
            "type": ["array", "null"],
            "items": {"type": "number", "minimum": 0, "maximum": MAX_TIME_S},
            "maxItems": MAX_TIMES,
        }
    ),
    Field(description="Moments of a video, in seconds, that pictures are taken of beside its first."),
]
AssetId = Annotated[
    str | None,
    PlainValidator(_id),
    WithJsonSchema({"type": ["string", "null"], "format": "uuid", "pattern": f"^{ID.pattern}$"}),
    Field(description="The asset's id, if the caller chooses it; one that failed is imported anew under it."),
]
UserId = Annotated[
    str | None,
    PlainValidator(_user),
    WithJsonSchema({"type": ["string", "null"], "pattern": f"^{OWNER.pattern}$"}),
    Field(description="For whom the admin imports; users import for themselves."),
]
OptionalSecret = Annotated[
    str,
    PlainValidator(_optional_secret),
    WithJsonSchema({"type": ["string", "null"], "format": "password", "writeOnly": True}),
    Field(description="Signs the callback (Standard Webhooks).", repr=False),
]
