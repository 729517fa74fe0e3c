"""Errors as every caller gets them: RFC 9457, with the members that older clients read."""

import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, NotRequired

import orjson
import structlog
from aiohttp import web
from pydantic import ConfigDict, Field, with_config
from pydantic.config import JsonDict
from typing_extensions import TypedDict

from oven.domain.errors import BadInputError, Code, FaultError, OvenError, TransientError, UnsupportedError
from oven.domain.quota import QuotaError
from oven.doors.quota import QuotaJson, quota_json

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

TYPE = "application/problem+json"
MAX_BODY_BYTES = 262_144
# What aiohttp refuses by itself, in our words.
FRAMEWORK = {
    404: (Code.NOT_FOUND, "there is nothing here"),
    405: (Code.METHOD_NOT_ALLOWED, "this method is not possible here"),
    413: (Code.BODY_TOO_LARGE, f"the body has more than {MAX_BODY_BYTES:,} bytes, which is the limit"),
}
RETRY_AFTER_S = 5
# What every page on the web may read.
PUBLIC = ("/health", "/status", "/files/", "/docs", "/openapi.json")
# Where a handler writes down which job a request was about, for the log.
JOB = web.RequestKey("job", str)
# Where the request's own id stands, for answers that are sent before they end.
REQUEST = web.RequestKey("request", str)
UNAUTHORIZED, SERVER_ERROR = 401, 500
# A proxy and a watchdog ask this every few seconds: a line each would be most of the log.
UNLOGGED = "/health/live"
log = structlog.get_logger("oven.http")


class WrongFieldJson(TypedDict):
    """One thing that is wrong with a request."""

    pointer: Annotated[str, Field(description="A JSON pointer, also to a parameter of the query.")]
    message: str


EXAMPLE: JsonDict = {
    "type": "/errors/field-invalid",
    "title": "Field invalid",
    "status": 400,
    "detail": "mongoId is missing",
    "instance": "urn:uuid:5a6bf2a5-6fd1-4f7e-9d5b-0a3c4b1c2d3e",
    "code": "FIELD_INVALID",
    "retryable": False,
    "error": "mongoId is missing",
    "errors": [{"pointer": "/mongoId", "message": "mongoId is missing"}],
}


@with_config(ConfigDict(json_schema_extra={"examples": [EXAMPLE]}))
class ProblemJson(TypedDict):
    """Why something was not done (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: Annotated[str, Field(description="What is wrong, which, and what would be right.")]
    instance: Annotated[str, Field(description="A URN of the answer's X-Request-Id.")]
    code: Annotated[Code, Field(description="For programs; the list only grows.")]
    retryable: Annotated[bool, Field(description="Whether the same may succeed later.")]
    error: Annotated[str, Field(description="As `detail`, for older clients.")]
    hint: NotRequired[Annotated[str, Field(description="What the reader can do now.")]]
    jobId: NotRequired[Annotated[str, Field(description="The job that it is about, if there is one.")]]
    errors: NotRequired[Annotated[list[WrongFieldJson], Field(description="Where fields are wrong.")]]
    quota: NotRequired[Annotated[QuotaJson, Field(description="With a 429: what may still be begun.")]]


class FieldsError(BadInputError):
    """Several fields are wrong; `errors` are (JSON pointer, message) pairs."""

    def __init__(
        self, errors: Sequence[tuple[str, str]], *, code: Code = Code.FIELD_INVALID, hint: str = ""
    ) -> None:
        super().__init__(code, "; ".join(message for _, message in errors), hint=hint)
        self.errors = errors


def json_response(value: object, *, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")


def problem(error: OvenError, *, status: int, instance: str, job: str = "") -> web.Response:
    """Give an error as problem+json; `error` beside the standard members is what the seeds' clients read."""
    body: ProblemJson = {
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
    if job:
        body["jobId"] = job
    headers = {}
    if isinstance(error, TransientError):
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if isinstance(error, QuotaError):
        body["quota"] = quota_json(error.quota)
        headers["Retry-After"] = str(error.retry_after_s)
    if status == UNAUTHORIZED:
        is_missing = error.code is Code.AUTH_REQUIRED
        headers["WWW-Authenticate"] = "Bearer" if is_missing else 'Bearer error="invalid_token"'
    return web.Response(body=orjson.dumps(body), status=status, content_type=TYPE, headers=headers)


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error as a problem, and give every answer its request id and CORS."""
    instance, began = str(uuid.uuid4()), time.monotonic()
    failure: OvenError | None = None
    response: web.StreamResponse
    request[REQUEST] = instance
    try:
        _check_form(request)
        response = await handler(request)
    except OvenError as error:
        failure = error
        response = problem(error, status=error.status, instance=instance, job=request.get(JOB, ""))
    except web.HTTPException as error:
        code, message = FRAMEWORK.get(error.status, (Code.BODY_INVALID, error.reason))
        failure = BadInputError(code, message)
        response = problem(failure, status=error.status, instance=instance)
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
    except Exception as error:
        log.exception("request_crashed", request=instance)
        failure = FaultError(Code.INTERNAL, "something went wrong inside Oven", detail=repr(error))
        response = problem(failure, status=SERVER_ERROR, instance=instance)
    _log_answer(request, response, failure, instance, time.monotonic() - began)
    if not response.prepared:
        response.headers["X-Request-Id"] = instance
        is_public = request.path.startswith(PUBLIC) and "signature" not in request.query
        if request.method in {"GET", "HEAD"} and is_public:
            response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _check_form(request: web.Request) -> None:
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise UnsupportedError(Code.UNSUPPORTED_MEDIA, "the body is compressed; send it as it is")


def _log_answer(
    request: web.Request,
    response: web.StreamResponse,
    failure: OvenError | None,
    instance: str,
    seconds: float,
) -> None:
    """Write one line a request; without its query, which may be signed."""
    if request.path == UNLOGGED and failure is None:
        return
    write = log.warning if response.status >= SERVER_ERROR else log.info
    write(
        "request_answered",
        request=instance,
        peer=request.remote,
        method=request.method,
        path=request.path,
        status=response.status,
        ms=round(1000 * seconds, 1),
        **({"job": request[JOB]} if JOB in request else {}),
        **({"code": failure.code, "message": failure.message} if failure else {}),
        **({"detail": failure.detail} if failure and failure.detail else {}),
    )
