"""What is wrong with a request: said field by field, and told at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from oven.domain.errors import Code, OvenError, UnauthorizedError
from oven.doors.problems import FieldsError


class Kind(StrEnum):
    """Kinds of complaints; each is told before the next ones, but that of URLs goes with that of values."""

    MISSING = "missing"
    NO_TEXT = "no_text"
    SECRET = "secret"  # noqa: S105 - the name of a kind
    VALUE = "value"
    URL = "url"


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One thing that is wrong with a field; of a URL its check's own code and hint.

    `about` goes behind the field's name in the message and `below` behind its pointer; a `message` of its own
    stands alone.
    """

    kind: Kind
    about: str = ""
    below: str = ""
    message: str = ""
    code: Code = Code.FIELD_INVALID
    hint: str = ""


MISSING = Complaint(kind=Kind.MISSING, about=" is missing")
# By this name pydantic knows what stands beside its own complaint.
CONTEXT = "complaints"
# Its complaints of lists and of what they hold, in our words.
WORDS = {
    "list_type": "must be a list",
    "too_short": "must have {min_length} at least",
    "too_long": "must have {max_length} at most",
    "model_type": "must be an object",
}


def complain(*complaints: Complaint) -> PydanticCustomError:
    """Give what a field's validator raises."""
    return PydanticCustomError("complaint", "this is refused", {CONTEXT: complaints})


def refusal(error: ValidationError) -> OvenError:
    """Turn what a model finds into what the caller is told.

    What is missing or no text comes first, then a wrong secret, then all the rest together; by a URL's own
    code where nothing but URLs is wrong.
    """
    found = complaints_in(error)
    told = [
        (complaint, (f"{pointer}{complaint.below}", complaint.message or f"{name}{complaint.about}"))
        for kind in Kind
        for name, pointer, complaint in found
        if complaint.kind is kind
    ]
    kinds = {complaint.kind for complaint, _ in told}
    if kinds & {Kind.MISSING, Kind.NO_TEXT}:
        return FieldsError([said for one, said in told if one.kind in {Kind.MISSING, Kind.NO_TEXT}])
    if Kind.SECRET in kinds:
        return UnauthorizedError(Code.AUTH_INVALID, next(said[1] for _, said in told))
    first = told[0][0]
    return FieldsError([said for _, said in told], code=first.code, hint=first.hint)


def complaints_in(error: ValidationError) -> Sequence[tuple[str, str, Complaint]]:
    """List all that a model finds: each with its field's name and JSON pointer."""
    return [
        (".".join(map(str, wrong["loc"])), "".join(f"/{part}" for part in wrong["loc"]), complaint)
        for wrong in error.errors(include_url=False, include_input=False)
        for complaint in _complaints(wrong["type"], wrong["msg"], wrong.get("ctx", {}))
    ]


def _complaints(type_: str, message: str, context: Mapping[str, Any]) -> Sequence[Complaint]:
    """Take our own complaints, or put pydantic's into our words."""
    ours: Sequence[Complaint] = context.get(CONTEXT, ())
    if ours:
        return ours
    if type_ == "missing":
        return [MISSING]
    words = f" {WORDS[type_].format(**context)}" if type_ in WORDS else f": {message}"
    return [Complaint(kind=Kind.VALUE, about=words)]
