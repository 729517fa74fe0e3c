"""The short door: scenes become upright films."""

from dataclasses import dataclass
from typing import Annotated

from aiohttp import web
from pydantic import Field
from typing_extensions import TypedDict

from oven.domain.caller import Caller, Scope
from oven.domain.errors import NotFoundError
from oven.domain.job import Accepted, NewJob
from oven.doors.access import Access
from oven.doors.bodies import read_as
from oven.doors.description import Answer, Audience, describes
from oven.doors.fields import Checks
from oven.doors.ports import CheckUrl, Seal
from oven.doors.problems import JOB, json_response
from oven.doors.quota import QuotaJson
from oven.doors.short import STATUSES, ExportId, ShortStatus
from oven.doors.short_job import short_job
from oven.doors.short_order import MAX_BATCH, ShortOrder, ShortsOrder
from oven.doors.short_runs import quota_of
from oven.doors.submission import KEY_PARAMETER, REFUSALS, accepted_answer, accepts, key_of
from oven.doors.webhooks import OF_SHORT
from oven.pipeline.footage import Footage, check_ready
from oven.pipeline.service import Service
from oven.recipes.short import RECIPE

Left = Annotated[
    QuotaJson | None, Field(description="What is left of today; null of the admin, whom nothing bounds.")
]


class BegunJson(TypedDict):
    """An export that is on its way."""

    export_id: ExportId
    scene_id: str
    status: Annotated[ShortStatus, Field(description="`pending`, unless the same was asked for before.")]


class ShortAcceptedJson(BegunJson):
    """An export that is on its way, and what is left of today."""

    quota: Left


class ShortsAcceptedJson(TypedDict):
    """Exports that are on their way, in the order in which they were asked for."""

    exports: list[BegunJson]
    quota: Left


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortsDoor:
    """`POST /v1/scenes/{id}/export-short`, and of several at once."""

    service: Service
    footage: Footage
    access: Access
    bucket: str
    check_source: CheckUrl
    check_callback: CheckUrl
    seal: Seal
    seal_url: Seal

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v1/scenes/export-shorts", self.submit_all),
            web.post("/v1/scenes/{id}/export-short", self.submit),
        ]

    @describes(
        "Make an upright film of a scene",
        details="1080×1920, H.264 and AAC, at most 180 s; it stays for a day.\n\nThe same request again "
        "while its job is active gives that export, and starts nothing.",
        audience=Audience.USER,
        body=ShortOrder,
        headers=(KEY_PARAMETER,),
        answers=accepts(ShortAcceptedJson),
        refusals={
            **REFUSALS,
            404: "There is no such scene, or it is not the caller's.",
            409: "The scene's video is not READY.",
            429: "The caller's exports of today are used up.",
        },
        sends=OF_SHORT,
    )
    async def submit(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.WRITE)
        key = key_of(request)
        order = await read_as(ShortOrder, request, self._checks())
        new = await self._new_job(request.match_info["id"], order, caller, key=key)
        accepted = await self.service.submit(new)
        request[JOB] = accepted.record.id
        told: ShortAcceptedJson = {
            **_begun(accepted),
            "quota": await quota_of(caller, self.service),
        }
        return accepted_answer(accepted, told)

    @describes(
        "Make upright films of several scenes",
        details=f"Up to {MAX_BATCH}, all of which are accepted, or none.",
        audience=Audience.USER,
        body=ShortsOrder,
        answers={
            202: Answer(
                when="The jobs are on disk, and each will end exactly once.", shape=ShortsAcceptedJson
            )
        },
        refusals={
            404: "There is no such scene, or it is not the caller's.",
            409: "A scene's video is not READY.",
            429: "The caller's exports of today do not suffice for all of them.",
            503: "The queue has no place for all of them.",
        },
        sends=OF_SHORT,
    )
    async def submit_all(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.WRITE)
        asked = await read_as(ShortsOrder, request, self._checks())
        news = [
            await self._new_job(order.scene_id, order, caller, place=f"/exports/{number}")
            for number, order in enumerate(asked.exports)
        ]
        accepted = await self.service.submit_all(news)
        told: ShortsAcceptedJson = {
            "exports": [_begun(each) for each in accepted],
            "quota": await quota_of(caller, self.service),
        }
        return json_response(told, status=202)

    def _checks(self) -> Checks:
        return Checks(source=self.check_source, callback=self.check_callback)

    async def _new_job(
        self, scene_id: str, order: ShortOrder, caller: Caller, *, key: str = "", place: str = ""
    ) -> NewJob:
        """Make the job of one export; `place` is where it stands in the request, as a JSON pointer.

        Raises:
            NotFoundError: NOT_FOUND.
            ConflictError: ASSET_CONFLICT, the video is not READY.
            BadInputError: as `short_job`.

        """
        try:
            # What is no UUID is no scene's id either; one is the same in large letters (RFC 9562, 4).
            scene, video = await self.footage.scene(scene_id.lower(), owner=caller.owner)
        except NotFoundError as error:
            which = f"{place.removeprefix('/').replace('/', '.')}.scene_id: " if place else ""
            raise NotFoundError(error.code, f"{which}{error.message}") from error
        check_ready(video)
        per_day = None if caller.owner is None else self.service.per_day.get(RECIPE.kind)
        return short_job(
            scene,
            video,
            order,
            bucket=self.bucket,
            telling=order.telling(seal=self.seal, seal_url=self.seal_url),
            per_day=per_day,
            key=key,
            place=place,
        )


def _begun(accepted: Accepted) -> BegunJson:
    record = accepted.record
    return {
        "export_id": record.id,
        "scene_id": record.request["scene_id"],
        "status": STATUSES[record.state],
    }
