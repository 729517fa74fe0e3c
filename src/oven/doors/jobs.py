"""The native door: every kind of job alike, to its owner and to the admin."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from aiohttp import web
from pydantic import Field
from typing_extensions import TypedDict

from oven.domain.caller import Scope
from oven.domain.instants import iso
from oven.domain.job import JobRecord, JobState
from oven.doors.access import Access
from oven.doors.description import Answer, Audience, describes
from oven.doors.instants import Instant
from oven.doors.outlook import EtaS, Position, Speed
from oven.doors.problems import FieldsError, json_response
from oven.doors.timeline import CallbackJson, TimelineJson, callback_json, timeline_json
from oven.pipeline.service import Service
from oven.pipeline.stores import Message, MessageState

DEFAULT_PAGE, MAX_PAGE = 50, 200
# Stands in the names of local stores, and in no bucket's.
LOCAL_MARK = ":"
CURSOR = re.compile(r"([0-9]{1,15})\.([0-9A-Za-z-]{1,64})")

Choice = TypeVar("Choice", bound=StrEnum)


class JobErrorJson(TypedDict):
    """Why a job failed."""

    code: str
    message: str
    retryable: bool
    stage: Annotated[str, Field(description="The phase in which it happened.")]
    attempt: int


class JobJson(TypedDict):
    """A job of any kind."""

    id: str
    kind: str
    owner: str | None
    bucket: Annotated[str | None, Field(description="Null where results are kept on this machine.")]
    output: Annotated[str | None, Field(description="The key of what it makes.")]
    state: JobState
    run: Annotated[int, Field(description="Counts from 1; a retry by hand opens the next.")]
    attempt: Annotated[int, Field(description="Counts from 1 in each run, 0 before the first.")]
    seq: Annotated[int, Field(description="Grows with every change of any job.")]
    progress: Annotated[float, Field(ge=0, le=1)]
    phase: str | None
    position: Position
    speed: Speed
    etaS: EtaS
    createdAt: Instant
    startedAt: Instant | None
    finishedAt: Instant | None
    result: Annotated[Mapping[str, Any] | None, Field(description="What was made, and how true it is.")]
    error: JobErrorJson | None
    callback: CallbackJson | None


class JobPageJson(TypedDict):
    """Some jobs, newest first."""

    jobs: list[JobJson]
    nextCursor: Annotated[str | None, Field(description="Where the next page begins; null on the last.")]


class ReplayedJson(TypedDict):
    """How many callbacks are sent again."""

    replayed: int


class JobsQuery(TypedDict, total=False):
    """Which jobs to list."""

    owner: Annotated[str, Field(description="This user's; of others than oneself the admin alone may ask.")]
    state: Annotated[list[JobState], Field(description="In any of these states.")]
    kind: Annotated[str, Field(description="Such as `bake`.")]
    callback: Annotated[list[MessageState], Field(description="With a callback in any of these states.")]
    output: Annotated[str, Field(description="That make this, such as `tapes/NAME.mp4`.")]
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE, description=f"How many; {DEFAULT_PAGE} by default.")]
    cursor: Annotated[
        str, Field(pattern=f"^({CURSOR.pattern})?$", description="The `nextCursor` of the page before.")
    ]


FILTERS = set(JobsQuery.__annotations__)
A_JOB = Answer(when="The job.", shape=JobJson)


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

    @describes(
        "List jobs",
        audience=Audience.USER,
        query=JobsQuery,
        answers={200: Answer(when="A page of jobs, newest first.", shape=JobPageJson)},
        refusals={400: "A filter is wrong."},
    )
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

    @describes("Look at a job", audience=Audience.USER, answers={200: A_JOB})
    async def get(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.READ)
        return await self._answer(await self.service.get(request.match_info["id"], owner=caller.owner))

    @describes(
        "Look at all that happened to a job",
        audience=Audience.ADMIN,
        answers={200: Answer(when="Its attempts, and its callbacks.", shape=TimelineJson)},
    )
    async def timeline(self, request: web.Request) -> web.Response:
        """Tell all, also what tools said of this machine: to the admin alone."""
        await self.access.require_admin(request)
        return json_response(timeline_json(await self.service.timeline(request.match_info["id"])))

    @describes(
        "Cancel a job",
        audience=Audience.USER,
        answers={200: A_JOB},
        refusals={409: "It has ended, or is being published."},
    )
    async def cancel(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.WRITE)
        return await self._answer(await self.service.cancel(request.match_info["id"], owner=caller.owner))

    @describes(
        "Run a job that has ended once more",
        audience=Audience.USER,
        answers={202: A_JOB},
        refusals={
            409: "It has not ended, or the same is active under another id.",
            503: "The queue is full.",
        },
    )
    async def retry(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.WRITE)
        record = await self.service.retry(request.match_info["id"], owner=caller.owner)
        return await self._answer(record, status=202)

    @describes(
        "Send the callback of a job's latest run again",
        audience=Audience.USER,
        answers={202: Answer(when="It is sent now.", shape=ReplayedJson)},
        refusals={404: "There is no such job, or it has told nothing yet."},
    )
    async def replay(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.WRITE)
        count = await self.service.replay(request.match_info["id"], owner=caller.owner)
        return json_response({"replayed": count}, status=202)

    async def _answer(self, record: JobRecord, *, status: int = 200) -> web.Response:
        messages = await self.service.messages([record])
        return json_response(job_json(record, messages.get(record.id)), status=status)


def job_json(record: JobRecord, message: Message | None = None) -> JobJson:
    """Give a job, and where its latest callback stands, without what is nobody's business.

    That is: URLs, their queries, secrets.
    """
    bucket, _, key = record.output_key.partition("/")
    error: JobErrorJson | None = None
    if record.error is not None:
        error = {
            "code": record.error["code"],
            "message": record.error["message"],
            "retryable": record.error["retryable"],
            "stage": record.error["stage"],
            "attempt": record.attempt,
        }
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
        "position": record.outlook.position,
        "speed": record.outlook.speed,
        "etaS": record.outlook.eta_s,
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
    found = CURSOR.fullmatch(text)
    if found is None:
        raise FieldsError([("/cursor", "cursor must be the nextCursor of an earlier page")])
    return int(found[1]), found[2]
