"""JSON bodies, read strictly."""

from collections.abc import Mapping
from typing import Any, TypeVar

import anyio
import orjson
from aiohttp import web
from aiohttp.web_protocol import RequestPayloadError
from pydantic import ValidationError

from oven.domain.errors import BadInputError, Code, TooLargeError
from oven.domain.nesting import MAX_DEPTH, is_too_deep
from oven.doors.complaints import refusal
from oven.doors.fields import Asked, Checks
from oven.doors.problems import MAX_BODY_BYTES

Model = TypeVar("Model", bound=Asked)
# Nobody needs longer for 256 KiB; until then they stand in our memory.
BODY_TIMEOUT_S = 20.0


async def read_object(request: web.Request) -> Mapping[str, Any]:
    """Read a JSON object.

    Raises:
        BadInputError: BODY_INVALID.

    """
    return parse_object(await read_bytes(request))


async def read_bytes(request: web.Request, max_bytes: int = MAX_BODY_BYTES) -> bytes:
    """Read a body as it came.

    Raises:
        TooLargeError: BODY_TOO_LARGE.
        BadInputError: BODY_INVALID, it broke off, or took too long.

    """
    try:
        with anyio.fail_after(BODY_TIMEOUT_S):
            return await request.clone(client_max_size=max_bytes).read()
    except web.HTTPRequestEntityTooLarge as error:
        text = f"the body has more than {max_bytes:,} bytes, which is the limit"
        raise TooLargeError(Code.BODY_TOO_LARGE, text) from error
    except TimeoutError as error:
        text = f"the body did not come within {BODY_TIMEOUT_S:g} s"
        raise BadInputError(Code.BODY_INVALID, text) from error
    except (RequestPayloadError, ConnectionError) as error:
        raise BadInputError(Code.BODY_INVALID, "the body broke off", detail=str(error)) from error


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


async def read_as(model: type[Model], request: web.Request, checks: Checks | None = None) -> Model:
    """Read a body as what a door asks for.

    Raises:
        BadInputError: BODY_INVALID.
        OvenError: whatever is wrong with the fields, all of it at once.

    """
    return parse_as(model, await read_object(request), checks)


def parse_as(model: type[Model], body: Mapping[str, Any], checks: Checks | None = None) -> Model:
    """Take an object as what a door asks for.

    Raises:
        OvenError: whatever is wrong with its fields, all of it at once.

    """
    try:
        return model.model_validate(body, context=checks)
    except ValidationError as error:
        raise refusal(error) from error
