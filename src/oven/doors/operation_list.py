"""The list of operations that an export is asked for: read whole, with all that is wrong told at once."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import Field, PlainValidator, ValidationError, ValidationInfo

from oven.domain.errors import Code
from oven.doors.complaints import Complaint, Kind, complain, complaints_in
from oven.doors.fields import Checks
from oven.doors.operation_fields import OPTIONS, AnyOperation, WatermarkOptions
from oven.doors.problems import FieldsError
from oven.media.operations import Operation, OptionError

MAX_OPERATIONS = 20
SHOWN_CHARS = 40
MEMBERS = {"type", "options"}


class AskedEdit(NamedTuple):
    """What to make of a video, in order; `images` has the id or the URL of each watermark's, by its index."""

    operations: tuple[Operation, ...]
    images: Mapping[int, str]


def refused_option(index: int, operation: Operation, option: str, rule: str) -> FieldsError:
    """Say what is wrong with an option of an operation, such as "crf must be 0 to 51"."""
    below, message = _said(index, operation.type, option, f" {rule}" if option else rule)
    return FieldsError([(f"/operations{below}", message)], code=Code.OPERATION_INVALID)


def refused_plan(error: OptionError, operations: tuple[Operation, ...]) -> FieldsError:
    """Say what planning has found."""
    return refused_option(error.index, operations[error.index], error.option, error.rule)


def _operations(value: object, info: ValidationInfo[Checks]) -> AskedEdit:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_OPERATIONS:
        rule = f" must be a list of 1 to {MAX_OPERATIONS} operations"
        raise complain(Complaint(kind=Kind.VALUE, about=rule, code=Code.OPERATION_INVALID))
    operations: list[Operation] = []
    images: dict[int, str] = {}
    complaints: list[Complaint] = []
    for index, asked in enumerate(value):
        if wrong := list(_wrong_members(index, asked)):
            complaints += wrong
            continue
        complaints += _unknown_options(index, asked)
        try:
            options = OPTIONS[asked["type"]].model_validate(asked.get("options") or {}, context=info.context)
        except ValidationError as error:
            complaints += _wrong_options(index, asked["type"], error)
            continue
        operations.append(options.operation())
        if isinstance(options, WatermarkOptions):
            images[index] = options.image
    if complaints:
        raise complain(*complaints)
    return AskedEdit(tuple(operations), images)


def _wrong_members(index: int, asked: object) -> Iterator[Complaint]:
    """Tell what keeps an operation's options from being looked at."""
    if not isinstance(asked, Mapping):
        yield _complaint(f"/{index}", f"operation {index} must be an object with a type and options")
        return
    kind = asked.get("type")
    if not isinstance(kind, str) or kind not in OPTIONS:
        yield _complaint(f"/{index}/type", f"operation {index}: type must be one of {', '.join(OPTIONS)}")
        return
    for name in asked:
        if name in MEMBERS:
            continue
        shown = name[:SHOWN_CHARS]
        yield _complaint(
            f"/{index}/{shown}",
            f"operation {index} ({kind}): {shown} has to stand in its options, if anywhere",
        )
    options = asked.get("options")
    if not isinstance(options, Mapping | None):
        yield _complaint(f"/{index}/options", f"operation {index} ({kind}): options must be an object")


def _unknown_options(index: int, asked: Mapping[str, Any]) -> Iterator[Complaint]:
    """Tell of options that an operation has not, for their caller counts on them."""
    kind = asked["type"]
    known = [field.alias for field in OPTIONS[kind].model_fields.values() if field.alias]
    for name in asked.get("options") or {}:
        if name not in known:
            shown = name[:SHOWN_CHARS]
            rule = f"{shown} is no option of it; these are: {', '.join(known)}"
            yield _complaint(f"/{index}/options/{_escaped(shown)}", f"operation {index} ({kind}): {rule}")


def _wrong_options(index: int, kind: str, error: ValidationError) -> Iterator[Complaint]:
    for name, pointer, found in complaints_in(error):
        below = f"/{index}/options{pointer}{found.below}"
        if found.kind is Kind.URL:
            message = f"operation {index} ({kind}): {found.message}"
            yield Complaint(kind=Kind.URL, message=message, below=below, code=found.code, hint=found.hint)
        else:
            yield _complaint(below, f"operation {index} ({kind}): {name}{found.about}")


def _said(index: int, kind: str, option: str, about: str) -> tuple[str, str]:
    """Give where an option stands below the list, and what is to be said of it; also of one in a list."""
    name, _, number = option.partition("/")
    shown = f"{name}[{number}]" if number else name
    below = f"/{index}/options/{option}" if option else f"/{index}"
    return below, f"operation {index} ({kind}): {shown}{about}"


def _escaped(name: str) -> str:
    """Write a name as a part of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def _complaint(below: str, message: str) -> Complaint:
    return Complaint(kind=Kind.VALUE, message=message, below=below, code=Code.OPERATION_INVALID)


Operations = Annotated[
    AskedEdit,
    PlainValidator(
        _operations,
        json_schema_input_type=Annotated[list[AnyOperation], Field(min_length=1, max_length=MAX_OPERATIONS)],
    ),
    Field(description="What to make of it; their order says nothing, but for that of watermarks."),
]
