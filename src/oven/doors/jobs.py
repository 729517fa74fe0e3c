"""The native door: every kind of job alike, to its owner and to the admin."""

from dataclasses import dataclass
from typing import Annotated

from aiohttp import web
from pydantic import Field
from typing_extensions import TypedDict

from oven.domain.caller import Scope
from oven.domain.job import JobRecord, JobState
from oven.doors.access import Access
from oven.doors.description import Answer, Audience, describes
from oven.doors.job import JobJson, job_json
from oven.doors.problems import json_response
from oven.doors.queries import Cursor, PageSize, check_names, choices, next_cursor, page_size, page_start
from oven.doors.timeline import TimelineJson, timeline_json
from oven.pipeline.messages import MessageState
from oven.pipeline.service import Service


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
    limit: PageSize
    cursor: Cursor


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
        refusals={
            400: "A filter is wrong.",
            403: "The API key lacks the scope, or another user's jobs are asked for.",
        },
    )
    async def page(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.READ)
        query = request.query
        check_names(request, JobsQuery)
        states = choices(request, "state", JobState)
        callbacks = choices(request, "callback", MessageState)
        limit = page_size(request)
        records = await self.service.page(
            owner=caller.sees(query.get("owner")),
            states=states,
            callbacks=callbacks,
            kind=query.get("kind", ""),
            output=query.get("output", ""),
            before=page_start(request),
            limit=limit,
        )
        cursor = next_cursor([(record.created_ms, record.id) for record in records], limit)
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
            429: "Its owner has begun as many of its kind today as may be.",
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
