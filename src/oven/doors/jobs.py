"""The native door: every kind of job alike, to its owner and to the admin."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from aiohttp import web

from oven.domain.caller import Scope
from oven.domain.job import JobRecord, JobState
from oven.doors.access import Access
from oven.doors.instants import iso
from oven.doors.problems import FieldsError, json_response
from oven.doors.timeline import callback_json, timeline_json
from oven.pipeline.service import Service
from oven.pipeline.stores import Message, MessageState

DEFAULT_PAGE, MAX_PAGE = 50, 200
# Stands in the names of local stores, and in no bucket's.
LOCAL_MARK = ":"
FILTERS = {"owner", "state", "kind", "callback", "output", "limit", "cursor"}

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsDoor:
    """`/v1/jobs`: list, get, timeline, cancel, retry, replay; to each caller their own jobs alone."""

    service: Service
    access: Access

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/v1/jobs", self.page),
            web.get("/v1/jobs/{id}", self.get),
            web.get("/v1/jobs/{id}/timeline", self.timeline),
            web.delete("/v1/jobs/{id}", self.cancel),
            web.post("/v1/jobs/{id}/retry", self.retry),
            web.post("/v1/jobs/{id}/callback/replay", self.replay),
        ]

    async def page(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.READ)
        query = request.query
        if unknown := sorted(set(query) - FILTERS):
            allowed = f"it must be one of {', '.join(sorted(FILTERS))}"
            raise FieldsError([(f"/{name}", f"{name} is no filter; {allowed}") for name in unknown])
        states = _choices(request, "state", JobState)
        callbacks = _choices(request, "callback", MessageState)
        limit = query.get("limit", str(DEFAULT_PAGE))
        if not re.fullmatch(r"[0-9]{1,3}", limit) or not 1 <= int(limit) <= MAX_PAGE:
            raise FieldsError([("/limit", f"limit must be a number from 1 to {MAX_PAGE}")])
        if "owner" in query and caller.owner not in {None, query["owner"]}:
            raise FieldsError(
                [("/owner", "owner must be yourself; other users' jobs are the admin's to list")]
            )
        records = await self.service.page(
            owner=caller.owner if caller.owner is not None else query.get("owner"),
            states=states,
            callbacks=callbacks,
            kind=query.get("kind", ""),
            output=query.get("output", ""),
            before=_cursor(query.get("cursor", "")),
            limit=int(limit),
        )
        last = records[-1] if len(records) == int(limit) else None
        cursor = None if last is None else f"{last.created_ms}.{last.id}"
        messages = await self.service.messages(records)
        listed = [job_json(record, messages.get(record.id)) for record in records]
        return json_response({"jobs": listed, "nextCursor": cursor})

    async def get(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.READ)
        return await self._answer(await self.service.get(request.match_info["id"], owner=caller.owner))

    async def timeline(self, request: web.Request) -> web.Response:
        """Tell all, also what tools said of this machine: to the admin alone."""
        await self.access.require_admin(request)
        return json_response(timeline_json(await self.service.timeline(request.match_info["id"])))

    async def cancel(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.WRITE)
        return await self._answer(await self.service.cancel(request.match_info["id"], owner=caller.owner))

    async def retry(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.WRITE)
        record = await self.service.retry(request.match_info["id"], owner=caller.owner)
        return await self._answer(record, status=202)

    async def replay(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.WRITE)
        count = await self.service.replay(request.match_info["id"], owner=caller.owner)
        return json_response({"replayed": count}, status=202)

    async def _answer(self, record: JobRecord, *, status: int = 200) -> web.Response:
        messages = await self.service.messages([record])
        return json_response(job_json(record, messages.get(record.id)), status=status)


def job_json(record: JobRecord, message: Message | None = None) -> Mapping[str, Any]:
    """Give a job, and where its latest callback stands, without what is nobody's business.

    That is: URLs, their queries, secrets.
    """
    bucket, _, key = record.output_key.partition("/")
    error = None
    if record.error is not None:
        shown = ("code", "message", "retryable", "stage")
        error = {name: record.error[name] for name in shown} | {"attempt": record.attempt}
    return {
        "id": record.id,
        "kind": record.kind,
        "owner": record.owner or None,
        "bucket": None if LOCAL_MARK in bucket else bucket or None,
        "output": key or None,
        "state": record.state,
        "run": record.run,
        "attempt": record.attempt,
        "seq": record.seq,
        "progress": round(record.progress, 4),
        "phase": record.phase or None,
        "createdAt": iso(record.created_ms),
        "startedAt": iso(record.started_ms),
        "finishedAt": iso(record.finished_ms),
        "result": record.result,
        "error": error,
        "callback": None if message is None else callback_json(message),
    }


def _choices(request: web.Request, name: str, kind: type[Choice]) -> list[Choice]:
    """Read a filter that may be given several times.

    Raises:
        FieldsError: FIELD_INVALID, with what is allowed.

    """
    try:
        return [kind(value) for value in request.query.getall(name, [])]
    except ValueError as error:
        raise FieldsError([(f"/{name}", f"{name} must be one of {', '.join(kind)}")]) from error


def _cursor(text: str) -> tuple[int, str] | None:
    if not text:
        return None
    found = re.fullmatch(r"([0-9]{1,15})\.([0-9A-Za-z-]{1,64})", text)
    if found is None:
        raise FieldsError([("/cursor", "cursor must be the nextCursor of an earlier page")])
    return int(found[1]), found[2]
