"""Errors as every caller gets them: RFC 9457, with the members that older clients read."""

import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson
import structlog
from aiohttp import web

from oven.domain.errors import BadInputError, Code, FaultError, OvenError, TransientError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

TYPE = "application/problem+json"
# What aiohttp refuses by itself, in our words.
FRAMEWORK = {
    404: (Code.NOT_FOUND, "there is nothing here"),
    405: (Code.METHOD_NOT_ALLOWED, "this method is not possible here"),
    413: (Code.BODY_TOO_LARGE, "the body is too large"),
}
RETRY_AFTER_S = 5
SERVER_ERROR = 500
log = structlog.get_logger("oven.http")


class FieldsError(BadInputError):
    """Several fields are wrong; `errors` are (JSON pointer, message) pairs."""

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        super().__init__(Code.FIELD_INVALID, "; ".join(message for _, message in errors))
        self.errors = errors


def json_response(value: object, *, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")


def problem(error: OvenError, *, status: int, instance: str) -> web.Response:
    """Give an error as problem+json; `error` beside the standard members is what the seeds' clients read."""
    body: dict[str, Any] = {
        "type": f"/errors/{error.code.lower().replace('_', '-')}",
        "title": error.code.replace("_", " ").capitalize(),
        "status": status,
        "detail": error.message,
        "instance": f"urn:uuid:{instance}",
        "code": error.code,
        "retryable": error.retryable,
        "error": error.message,
    }
    if error.hint:
        body["hint"] = error.hint
    if isinstance(error, FieldsError):
        body["errors"] = [{"pointer": pointer, "message": message} for pointer, message in error.errors]
    headers = {}
    if isinstance(error, TransientError):
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if error.code is Code.AUTH_REQUIRED:
        headers["WWW-Authenticate"] = "Bearer"
    return web.Response(body=orjson.dumps(body), status=status, content_type=TYPE, headers=headers)


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error as a problem, and give every answer its request id and CORS."""
    instance, began = str(uuid.uuid4()), time.monotonic()
    response: web.StreamResponse
    try:
        response = await handler(request)
    except OvenError as error:
        response = problem(error, status=error.status, instance=instance)
        if error.status >= SERVER_ERROR:
            log.warning("request_failed", request=instance, code=error.code, detail=error.detail)
    except web.HTTPException as error:
        code, message = FRAMEWORK.get(error.status, (Code.BODY_INVALID, error.reason))
        response = problem(BadInputError(code, message), status=error.status, instance=instance)
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
    except Exception as error:
        log.exception("request_crashed", request=instance)
        fault = FaultError(Code.INTERNAL, "something went wrong inside Oven", detail=repr(error))
        response = problem(fault, status=SERVER_ERROR, instance=instance)
    # One line a request; without its query, which may be signed.
    log.info(
        "request_answered",
        request=instance,
        method=request.method,
        path=request.path,
        status=response.status,
        ms=round(1000 * (time.monotonic() - began), 1),
    )
    if not response.prepared:
        response.headers["X-Request-Id"] = instance
        if request.method in {"GET", "HEAD"}:
            response.headers["Access-Control-Allow-Origin"] = "*"
    return response
