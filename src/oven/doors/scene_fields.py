"""The fields of requests about scenes: what each may hold, and what is said of it."""

import math
from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema

from oven.domain.scene import MIN_SCENE_S, TOO_SHORT, length_s
from oven.doors.asset_fields import LABEL_SCHEMA, is_label
from oven.doors.complaints import MISSING, Complaint, Kind, complain
from oven.media.names import MAX_NAME_CHARS

SECONDS_SCHEMA = {"type": "number", "minimum": 0}


def _seconds(value: object) -> float:
    if value is None:
        raise complain(MISSING)
    # Of bool, which is a number to Python, nobody means a time.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise complain(Complaint(kind=Kind.VALUE, about=" must be a number of seconds, 0 or more"))
    # Without the sign of -0.0.
    return abs(float(value))


def _optional_seconds(value: object) -> float | None:
    return None if value is None else _seconds(value)


def _name(value: object) -> str | None:
    if value is None or value == "":
        return value
    if not is_label(value, MAX_NAME_CHARS):
        rule = f" must be a text without control characters, of at most {MAX_NAME_CHARS} characters"
        raise complain(Complaint(kind=Kind.VALUE, about=rule))
    return value


Seconds = Annotated[float, PlainValidator(_seconds), WithJsonSchema(SECONDS_SCHEMA)]
OptionalSeconds = Annotated[
    float | None,
    PlainValidator(_optional_seconds),
    WithJsonSchema({**SECONDS_SCHEMA, "type": ["number", "null"]}),
]
SceneName = Annotated[
    str | None,
    PlainValidator(_name),
    WithJsonSchema({**LABEL_SCHEMA, "minLength": 0}),
    Field(description="Its name; empty for none."),
]


def check_order(end_s: float | None, start_s: float | None) -> float | None:
    """Take an end that is behind its start, where both are known.

    Raises:
        PydanticCustomError: it is not.

    """
    if start_s is not None and end_s is not None and length_s(start_s, end_s) < MIN_SCENE_S:
        raise complain(Complaint(kind=Kind.VALUE, about=TOO_SHORT))
    return end_s
