"""Exports that were asked for: how they stand, what they have made, cancel, run once more."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from aiohttp import web
from pydantic import Field
from typing_extensions import TypedDict

from oven.domain.caller import Scope
from oven.domain.errors import Code, ConflictError, NotFoundError
from oven.domain.instants import iso
from oven.domain.job import JobState
from oven.doors.description import Answer, Audience, describes
from oven.doors.export import STATUSES, ExportJson, ExportStatus, export_json
from oven.doors.problems import json_response
from oven.doors.queries import Cursor, PageSize
from oven.doors.runs import Runs
from oven.pipeline.instants import Instant
from oven.pipeline.library import EXPIRES_S
from oven.pipeline.storage import Storage
from oven.recipes.export import RECIPE
from oven.recipes.export_request import REQUESTS, ExportRequest
from oven.recipes.steps import Target


class ExportPageJson(TypedDict):
    """Some exports, newest first."""

    exports: list[ExportJson]
    nextCursor: Annotated[str | None, Field(description="Where the next page begins; null on the last.")]


class ExportListQuery(TypedDict, total=False):
    """Which exports to list."""

    status: Annotated[list[ExportStatus], Field(description="That stand as any of these says.")]
    limit: PageSize
    cursor: Cursor


class StillLinkJson(TypedDict):
    """A picture of the result at `time` seconds of it, and an address that opens it."""

    url: str
    time: float
    size: Annotated[int, Field(description="In bytes.")]


class DownloadJson(TypedDict):
    """Addresses of what was made, private ones that expire."""

    url: Annotated[str, Field(description="Of the film; of the first picture where there is none.")]
    expiresAt: Instant
    filename: str
    size: Annotated[int, Field(description="In bytes.")]
    thumbnails: list[StillLinkJson]


class QueueStatsJson(TypedDict):
    """How many exports stand how."""

    waiting: int
    active: int
    completed: int
    failed: Annotated[int, Field(description="Those that were cancelled, too.")]
    delayed: Annotated[
        int, Field(description="Failed for a reason that may pass, and wait to be tried again.")
    ]
    paused: int


AN_EXPORT = Answer(when="The export.", shape=ExportJson)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRunsDoor:
    """`/api/exports`: list, get, download, cancel, retry, and how many there are."""

    runs: Runs
    storage: Storage
    now_ms: Callable[[], int]

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/exports", self.page),
            web.get("/api/exports/queue/stats", self.stats),
            web.get("/api/exports/{id}", self.get),
            web.get("/api/exports/{id}/download", self.download),
            web.delete("/api/exports/{id}", self.cancel),
            web.post("/api/exports/{id}/retry", self.retry),
        ]

    @describes(
        "List exports",
        audience=Audience.USER,
        query=ExportListQuery,
        answers={200: Answer(when="A page of exports, newest first.", shape=ExportPageJson)},
        refusals={400: "A filter is wrong."},
    )
    async def page(self, request: web.Request) -> web.Response:
        page = await self.runs.page(request, ExportListQuery, STATUSES, ExportStatus)
        told: ExportPageJson = {
            "exports": [export_json(record) for record in page.records],
            "nextCursor": page.next_cursor,
        }
        return json_response(told)

    @describes("Look at an export", audience=Audience.USER, answers={200: AN_EXPORT})
    async def get(self, request: web.Request) -> web.Response:
        return json_response(export_json(await self.runs.asked(request, Scope.READ)))

    @describes(
        "Get links to what an export has made",
        details="They are good for an hour, whoever has them, and save files under names of their own.",
        audience=Audience.USER,
        answers={200: Answer(when="The links.", shape=DownloadJson)},
        refusals={
            404: "There is no such export, it is not the caller's, or what it has made is gone.",
            409: "It is not completed.",
        },
    )
    async def download(self, request: web.Request) -> web.Response:
        record = await self.runs.asked(request, Scope.READ)
        if record.state is not JobState.DONE or record.result is None:
            raise ConflictError(
                Code.JOB_CONFLICT, f"the export is {STATUSES[record.state]}; only what is completed is there"
            )
        asked = REQUESTS.validate_python(record.request)
        film, stills = record.result["video"], record.result["thumbnails"]
        expires_ms = self.now_ms() + EXPIRES_S * 1_000
        first = film or stills[0]
        if await self.storage.size_bytes(Target(asked.folder.bucket, first["key"])) is None:
            raise NotFoundError(Code.NOT_FOUND, "what the export has made is gone", hint="Export it again.")
        told: DownloadJson = {
            "url": await self._link(asked, first["key"]),
            "expiresAt": iso(expires_ms),
            "filename": _filename(asked, first["key"]),
            "size": first["sizeBytes"],
            "thumbnails": [
                {
                    "url": await self._link(asked, each["key"]),
                    "time": each["time"],
                    "size": each["sizeBytes"],
                }
                for each in stills
            ],
        }
        return json_response(told)

    @describes(
        "Cancel an export",
        audience=Audience.USER,
        answers={200: AN_EXPORT},
        refusals={409: "It has ended, or is being published."},
    )
    async def cancel(self, request: web.Request) -> web.Response:
        record = await self.runs.asked(request, Scope.WRITE)
        return json_response(export_json(await self.runs.service.cancel(record.id, owner=record.owner)))

    @describes(
        "Run an export that has ended once more",
        audience=Audience.USER,
        answers={202: AN_EXPORT},
        refusals={
            409: "It has not ended, or the same is active under another id.",
            503: "The queue is full.",
        },
    )
    async def retry(self, request: web.Request) -> web.Response:
        record = await self.runs.asked(request, Scope.WRITE)
        again = await self.runs.service.retry(record.id, owner=record.owner)
        return json_response(export_json(again), status=202)

    @describes(
        "Count exports",
        audience=Audience.ADMIN,
        answers={200: Answer(when="How many stand how, of those that are kept.", shape=QueueStatsJson)},
    )
    async def stats(self, request: web.Request) -> web.Response:
        await self.runs.access.require_admin(request)
        counts = await self.runs.service.jobs.counts(kinds=[RECIPE.kind])
        stats: QueueStatsJson = {
            "waiting": counts.get(JobState.QUEUED, 0),
            "active": counts.get(JobState.RUNNING, 0),
            "completed": counts.get(JobState.DONE, 0),
            "failed": counts.get(JobState.FAILED, 0) + counts.get(JobState.CANCELLED, 0),
            "delayed": counts.get(JobState.RETRYING, 0),
            # Nobody can stop the queue, as one could in the service that this was.
            "paused": 0,
        }
        return json_response(stats)

    async def _link(self, asked: ExportRequest, key: str) -> str:
        target = Target(asked.folder.bucket, key)
        return await self.storage.presign(target, expires_s=EXPIRES_S, filename=_filename(asked, key))


def _filename(asked: ExportRequest, key: str) -> str:
    """Name a file for who saves it: a picture by the film's name, too."""
    file = key.removeprefix(asked.folder.key)
    return file if file.startswith(f"{asked.name}.") else f"{asked.name}-{file}"
