"""The doors in OpenAPI 3.1: what schemathesis makes its requests from, and judges answers by."""

from collections.abc import Mapping, Sequence
from typing import Any

from oven.domain.job import JobState
from oven.doors.bake import BakeRequest
from oven.doors.convert import ConvertRequest
from oven.doors.fields import NAME, Asked
from oven.doors.jobs import FILTERS, MAX_PAGE
from oven.pipeline.stores import MessageState
from oven.settings.kinds import BUCKET

TEXT = {"type": "string"}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "code", "retryable", "error"],
    "properties": {
        **dict.fromkeys(("type", "title", "detail", "instance", "code", "error", "hint"), TEXT),
        "status": {"type": "integer"},
        "retryable": {"type": "boolean"},
        "errors": {
            "type": "array",
            "items": {"type": "object", "required": ["pointer", "message"]},
        },
    },
}
JOB = {
    "type": "object",
    "required": ["id", "kind", "owner", "state", "run", "attempt", "progress", "phase", "createdAt", "error"],
    "properties": {
        "id": TEXT,
        "state": {"enum": list(JobState)},
        "progress": {"type": "number", "minimum": 0, "maximum": 1},
        "error": {
            "type": ["object", "null"],
            "required": ["code", "message", "retryable", "stage", "attempt"],
        },
    },
}
STATUS = {
    "type": "object",
    "required": ["version", "serverStartTime", "uptime", "incoming", "active", "recent", "concurrency"],
}
SAID = {"type": "object"}
# A host that does not exist: what is accepted here must lead nowhere.
HOST = "tapes.invalid"
NAMES = {"type": "string", "pattern": f"^{NAME.pattern}$"}


def _required(model: type[Asked]) -> list[str]:
    return [str(field.alias) for field in model.model_fields.values() if field.is_required()]


REQUIRED = _required(BakeRequest)
BAKE: dict[str, Any] = {
    "type": "object",
    "required": REQUIRED,
    "properties": {
        **{name: {"type": "string", "minLength": 1} for name in REQUIRED},
        "slug": NAMES,
        "code": {"type": ["string", "null"], "pattern": NAMES["pattern"]},
        "zipUrl": {"enum": [f"https://{HOST}/{number}.zip" for number in range(9)]},
        "callbackUrl": {"const": f"https://{HOST}/done"},
        "metadata": {"type": ["object", "null"]},
    },
}
CONVERT = {
    "type": "object",
    "required": _required(ConvertRequest),
    "properties": {
        **{name: {"type": "string", "minLength": 1} for name in _required(ConvertRequest)},
        **{name: BAKE["properties"][name] for name in ("slug", "zipUrl", "callbackUrl", "metadata")},
        "bucket": {"type": "string", "pattern": f"^{BUCKET.pattern}$"},
    },
}
KEY = {
    "type": "object",
    "required": ["owner"],
    "properties": {
        "owner": {"type": "string", "pattern": "^[a-z0-9|-]{1,255}$"},
        "scopes": {"type": "array", "minItems": 1, "items": {"enum": ["read", "write"]}},
        "expiresInDays": {"type": "integer", "minimum": 1, "maximum": 3650},
    },
}
STAGE = {"type": "object", "required": ["code"], "properties": {"code": {"type": "string", "minLength": 1}}}


def document(jobs: Sequence[str], ended: str = "") -> Mapping[str, Any]:
    """Give the description of every route, for a daemon that knows these jobs, and one that has ended.

    Of that one alone events are asked: those of others take their time.
    """
    job_id = {"id": {"enum": list(jobs)}}
    job = "/v1/jobs/{id}"
    return {
        "openapi": "3.1.0",
        "info": {"title": "Oven", "version": "1"},
        "paths": {
            "/bake": {"post": _operation({202: SAID}, body=BAKE)},
            "/convert": {"post": _operation({202: SAID}, body=CONVERT)},
            "/bake-status": {"post": _operation({200: SAID}, body=STAGE)},
            "/bake-complete": {"post": _operation({200: SAID}, body=STAGE)},
            "/metrics": {"get": _operation({200: None})},
            "/health": {"get": _operation({200: SAID, 503: SAID})},
            "/health/live": {"get": _operation({200: SAID})},
            "/v1/keys": {
                "get": _operation({200: SAID}, query={"owner": TEXT}),
                "post": _operation({201: SAID}, body=KEY),
            },
            "/v1/keys/{id}": {"delete": _operation({200: SAID}, path={"id": {"const": "none"}})},
            "/status": {"get": _operation({200: STATUS})},
            "/status/{id}": {"get": _operation({200: SAID}, path=job_id)},
            "/v1/jobs": {"get": _operation({200: SAID}, query=_filters())},
            job: {"get": _operation({200: JOB}, path=job_id), "delete": _operation({200: JOB}, path=job_id)},
            f"{job}/timeline": {"get": _operation({200: SAID}, path=job_id)},
            f"{job}/events": {"get": _operation({200: None, 204: None}, path={"id": {"const": ended}})},
            f"{job}/retry": {"post": _operation({202: JOB}, path=job_id)},
            f"{job}/callback/replay": {"post": _operation({202: SAID}, path=job_id)},
            "/files/{key}": {"get": _operation({200: None, 206: None, 416: None}, path={"key": TEXT})},
            "/ws": {"get": _operation({101: None, 426: None})},
        },
    }


def _operation(
    answers: Mapping[int, object],
    *,
    body: object = None,
    path: Mapping[str, object] | None = None,
    query: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """Describe a route by its good answers; every other is a problem."""
    parameters = [
        {"name": name, "in": place, "required": place == "path", "schema": schema}
        for place, schemas in (("path", path), ("query", query))
        for name, schema in (schemas or {}).items()
    ]
    responses: dict[str, Any] = {
        str(status): {
            "description": "as asked",
            **({} if schema is None else {"content": {"application/json": {"schema": schema}}}),
        }
        for status, schema in answers.items()
    }
    responses["default"] = {
        "description": "a problem",
        "content": {"application/problem+json": {"schema": PROBLEM}},
    }
    described: dict[str, Any] = {"parameters": parameters, "responses": responses}
    if body is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return described


def _filters() -> dict[str, object]:
    known: dict[str, object] = dict.fromkeys(FILTERS, TEXT)
    return known | {
        "state": {"enum": list(JobState)},
        "callback": {"enum": list(MessageState)},
        "limit": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE},
    }
