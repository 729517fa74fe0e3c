"""JSON bodies, read strictly."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

import anyio
import orjson
from aiohttp import web
from aiohttp.web_protocol import RequestPayloadError

from oven.domain.errors import BadInputError, Code
from oven.domain.nesting import MAX_DEPTH, is_too_deep
from oven.doors.problems import FieldsError

MAX_FIELD_CHARS = 4_096
# Nobody needs longer for 256 KiB; until then they stand in our memory.
BODY_TIMEOUT_S = 20.0


async def read_object(request: web.Request) -> Mapping[str, Any]:
    """Read a JSON object.

    Raises:
        BadInputError: BODY_INVALID.

    """
    try:
        with anyio.fail_after(BODY_TIMEOUT_S):
            data = await request.read()
    except TimeoutError as error:
        text = f"the body did not come within {BODY_TIMEOUT_S:g} s"
        raise BadInputError(Code.BODY_INVALID, text) from error
    except (RequestPayloadError, ConnectionError) as error:
        raise BadInputError(Code.BODY_INVALID, "the body broke off", detail=str(error)) from error
    return parse_object(data)


def parse_object(data: bytes) -> Mapping[str, Any]:
    """Parse a JSON object.

    Raises:
        BadInputError: BODY_INVALID.

    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadInputError(Code.BODY_INVALID, "the body is not JSON", detail=str(error)) from error
    if not isinstance(value, Mapping):
        raise BadInputError(Code.BODY_INVALID, "the body must be a JSON object")
    if is_too_deep(value):
        raise BadInputError(Code.BODY_INVALID, f"the body is nested more than {MAX_DEPTH} deep")
    return value


def require_texts(body: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    """Take text fields that must be there and not be empty.

    Raises:
        FieldsError: FIELD_INVALID, naming every one that is missing or is no text.

    """
    missing = [name for name in names if body.get(name) in (None, "")]
    wrong = [name for name in names if name not in missing and not is_text(body[name])]
    allowed = f"must be a text without control characters, of at most {MAX_FIELD_CHARS} characters"
    if missing or wrong:
        raise FieldsError(
            [(f"/{name}", f"{name} is missing") for name in missing]
            + [(f"/{name}", f"{name} {allowed}") for name in wrong]
        )
    return {name: body[name] for name in names}


def is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and len(value) <= MAX_FIELD_CHARS and value.isprintable()
