"""The native door: every kind of job alike, for the admin and for clients on this machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from oven.domain.errors import BadInputError, Code
from oven.domain.job import JobRecord, JobState
from oven.doors.access import require_admin
from oven.doors.problems import FieldsError, json_response
from oven.pipeline.service import Service

DEFAULT_PAGE, MAX_PAGE = 50, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsDoor:
    """`/v1/jobs`: list, get, cancel, retry, replay."""

    service: Service
    admin_token: str

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/v1/jobs", self.page),
            web.get("/v1/jobs/{id}", self.get),
            web.delete("/v1/jobs/{id}", self.cancel),
            web.post("/v1/jobs/{id}/retry", self.retry),
            web.post("/v1/jobs/{id}/callback/replay", self.replay),
        ]

    async def page(self, request: web.Request) -> web.Response:
        require_admin(request, self.admin_token)
        query = request.query
        try:
            states = [JobState(state) for state in query.getall("state", [])]
        except ValueError as error:
            raise FieldsError([("/state", f"state must be one of {', '.join(JobState)}")]) from error
        limit = query.get("limit", str(DEFAULT_PAGE))
        if not limit.isascii() or not limit.isdecimal() or not 1 <= int(limit[:9]) <= MAX_PAGE:
            raise FieldsError([("/limit", f"limit must be a number from 1 to {MAX_PAGE}")])
        records = await self.service.jobs.page(
            states=states,
            kind=query.get("kind", ""),
            before=_cursor(query.get("cursor", "")),
            limit=int(limit),
        )
        last = records[-1] if len(records) == int(limit) else None
        cursor = None if last is None else f"{last.created_ms}.{last.id}"
        return json_response({"jobs": [job_json(record) for record in records], "nextCursor": cursor})

    async def get(self, request: web.Request) -> web.Response:
        require_admin(request, self.admin_token)
        return json_response(job_json(await self.service.get(request.match_info["id"])))

    async def cancel(self, request: web.Request) -> web.Response:
        require_admin(request, self.admin_token)
        return json_response(job_json(await self.service.cancel(request.match_info["id"])))

    async def retry(self, request: web.Request) -> web.Response:
        require_admin(request, self.admin_token)
        return json_response(job_json(await self.service.retry(request.match_info["id"])), status=202)

    async def replay(self, request: web.Request) -> web.Response:
        require_admin(request, self.admin_token)
        count = await self.service.replay(request.match_info["id"])
        return json_response({"replayed": count}, status=202)


def job_json(record: JobRecord) -> Mapping[str, Any]:
    """Give a job without what is nobody's business: URLs, queries, secrets."""
    error = None
    if record.error is not None:
        shown = ("code", "message", "retryable", "stage")
        error = {name: record.error[name] for name in shown} | {"attempt": record.attempt}
    return {
        "id": record.id,
        "kind": record.kind,
        "owner": record.owner or None,
        "state": record.state,
        "run": record.run,
        "attempt": record.attempt,
        "progress": round(record.progress, 4),
        "phase": record.phase or None,
        "createdAt": iso(record.created_ms),
        "startedAt": iso(record.started_ms),
        "finishedAt": iso(record.finished_ms),
        "result": record.result,
        "error": error,
    }


def iso(instant_ms: int | None) -> str | None:
    """Write an instant as RFC 3339, UTC, to the millisecond."""
    if instant_ms is None:
        return None
    return (
        datetime.fromtimestamp(instant_ms / 1000, UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )


def _cursor(text: str) -> tuple[int, str] | None:
    if not text:
        return None
    created, _, job_id = text.partition(".")
    if not (created.isascii() and created.isdecimal() and job_id and len(text) < 100):  # noqa: PLR2004
        raise BadInputError(Code.FIELD_INVALID, "cursor must be the nextCursor of an earlier page")
    return int(created), job_id
