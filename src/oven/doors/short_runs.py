"""Shorts that were asked for: how they stand, where their files are, cancel, and what is left of a day."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from aiohttp import web
from pydantic import Field
from typing_extensions import TypedDict

from oven.domain.caller import Caller, Scope
from oven.domain.job import JobRecord
from oven.doors.description import Answer, Audience, describes
from oven.doors.problems import json_response
from oven.doors.queries import Cursor, PageSize
from oven.doors.quota import QuotaJson, quota_json
from oven.doors.runs import Runs
from oven.doors.short import STATUSES, ShortJson, ShortStatus, short_json
from oven.pipeline.service import Service
from oven.pipeline.storage import Storage
from oven.recipes.short import RECIPE


class ShortPageJson(TypedDict):
    """Some shorts, newest first."""

    exports: list[ShortJson]
    next_cursor: Annotated[str | None, Field(description="Where the next page begins; null on the last.")]


class ShortListQuery(TypedDict, total=False):
    """Which shorts to list."""

    status: Annotated[list[ShortStatus], Field(description="That stand as any of these says.")]
    limit: PageSize
    cursor: Cursor


class QuotaAnswerJson(TypedDict):
    """What is left of today."""

    quota: Annotated[QuotaJson | None, Field(description="Null of the admin, whom nothing bounds.")]


A_SHORT = Answer(when="The export.", shape=ShortJson)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortRunsDoor:
    """`/v1/exports`: list, get, cancel, and what is left of a day's quota."""

    runs: Runs
    storage: Storage
    now_ms: Callable[[], int]

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/v1/exports", self.page),
            web.get("/v1/exports/quota", self.quota),
            # Any word but that of the quota.
            web.get("/v1/exports/{id:(?!quota$)[^/]+}", self.get),
            web.delete("/v1/exports/{id:(?!quota$)[^/]+}", self.cancel),
        ]

    @describes(
        "List exports of scenes",
        audience=Audience.USER,
        query=ShortListQuery,
        answers={200: Answer(when="A page of exports, newest first.", shape=ShortPageJson)},
        refusals={400: "A filter is wrong."},
    )
    async def page(self, request: web.Request) -> web.Response:
        page = await self.runs.page(request, ShortListQuery, STATUSES, ShortStatus)
        told: ShortPageJson = {
            "exports": [await self._told(record) for record in page.records],
            "next_cursor": page.next_cursor,
        }
        return json_response(told)

    @describes(
        "Look at an export of a scene",
        details="Its `download_url` is good for an hour; look again for another one, until the file goes.",
        audience=Audience.USER,
        answers={200: A_SHORT},
    )
    async def get(self, request: web.Request) -> web.Response:
        return json_response(await self._told(await self.runs.asked(request, Scope.READ)))

    @describes(
        "Cancel an export of a scene",
        details="One that had not begun does not count against the quota.",
        audience=Audience.USER,
        answers={200: A_SHORT},
        refusals={409: "It has ended, or is being published."},
    )
    async def cancel(self, request: web.Request) -> web.Response:
        record = await self.runs.asked(request, Scope.WRITE)
        return json_response(await self._told(await self.runs.service.cancel(record.id, owner=record.owner)))

    @describes(
        "Tell how many scenes may still be exported today",
        audience=Audience.USER,
        answers={200: Answer(when="What is left until midnight UTC.", shape=QuotaAnswerJson)},
    )
    async def quota(self, request: web.Request) -> web.Response:
        caller = await self.runs.access.caller(request, Scope.READ)
        told: QuotaAnswerJson = {"quota": await quota_of(caller, self.runs.service)}
        return json_response(told)

    async def _told(self, record: JobRecord) -> ShortJson:
        return await short_json(record, self.storage.presign, now_ms=self.now_ms())


async def quota_of(caller: Caller, service: Service) -> QuotaJson | None:
    """Tell what is left of today for who asks; None of the admin, whom nothing bounds."""
    quota = None if caller.owner is None else await service.quota(RECIPE.kind, owner=caller.owner)
    return None if quota is None else quota_json(quota)
