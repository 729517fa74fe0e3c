"""Scenes of videos: cut, list, look, change, delete; to each caller their own alone."""

from dataclasses import dataclass, field
from typing import Annotated

import anyio.to_thread
from aiohttp import web
from pydantic import ConfigDict, Field, ValidationInfo, field_validator
from pydantic.config import JsonDict
from typing_extensions import TypedDict

from oven.domain.caller import Scope
from oven.domain.scene import MAX_SCENES, SceneError
from oven.doors.access import Access
from oven.doors.bodies import read_as
from oven.doors.description import Answer, Audience, describes
from oven.doors.fields import Strict
from oven.doors.problems import FieldsError, json_response
from oven.doors.scene import SceneJson, scene_json, scenes_json
from oven.doors.scene_fields import OptionalSeconds, SceneName, Seconds, check_order
from oven.pipeline.footage import Footage, check_ready
from oven.pipeline.scenes import SceneEdit

EXAMPLE: JsonDict = {"start_s": 12.5, "end_s": 42, "name": "The kiss"}
EDIT_EXAMPLE: JsonDict = {"end_s": 40.25}
STARTS = Field(alias="start_s", description="Where it begins, in seconds from the video's begin.")
ENDS = Field(alias="end_s", description="Where it ends; a tenth of a second behind its begin, or more.")


class SceneRequest(Strict):
    """A part of a video."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    start_s: Annotated[Seconds, STARTS]
    end_s: Annotated[Seconds, ENDS]
    name: SceneName = None

    @field_validator("end_s")
    @classmethod
    def _behind(cls, end_s: float, info: ValidationInfo) -> float | None:
        return check_order(end_s, info.data.get("start_s"))


class SceneEditRequest(Strict):
    """What to change of a scene; what is not named stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [EDIT_EXAMPLE]})

    start_s: Annotated[OptionalSeconds, STARTS] = None
    end_s: Annotated[OptionalSeconds, ENDS] = None
    name: SceneName = None

    @field_validator("end_s")
    @classmethod
    def _behind(cls, end_s: float | None, info: ValidationInfo) -> float | None:
        return check_order(end_s, info.data.get("start_s"))


class ScenesJson(TypedDict):
    """All scenes of a video, in the order in which they begin."""

    scenes: Annotated[list[SceneJson], Field(max_length=MAX_SCENES)]


A_SCENE = Answer(when="The scene.", shape=SceneJson)
NOT_READY = "The video is not READY"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenesDoor:
    """`/v1/videos/{id}/scenes` and `/v1/scenes`."""

    footage: Footage
    access: Access
    # One list at once: threads that all compute leave the loop its share among them.
    turn: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(1))

    def routes(self) -> list[web.RouteDef]:
        # An id is a UUID, so no other word that stands there is taken for one.
        return [
            web.post("/v1/videos/{id:[0-9A-Fa-f-]+}/scenes", self.cut),
            web.get("/v1/videos/{id:[0-9A-Fa-f-]+}/scenes", self.list_all),
            web.get("/v1/scenes/{id:[0-9A-Fa-f-]+}", self.get),
            web.patch("/v1/scenes/{id:[0-9A-Fa-f-]+}", self.edit),
            web.delete("/v1/scenes/{id:[0-9A-Fa-f-]+}", self.delete),
        ]

    @describes(
        "Cut a scene from a video",
        details="An end that is at most a tenth of a second behind the video's becomes that.",
        audience=Audience.USER,
        body=SceneRequest,
        answers={201: A_SCENE},
        refusals={409: f"{NOT_READY}, or has {MAX_SCENES:,} scenes, which is as many as it can have."},
    )
    async def cut(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.WRITE)
        video = await self.footage.video(_id(request), owner=caller.owner)
        check_ready(video)
        asked = await read_as(SceneRequest, request)
        try:
            scene = await self.footage.cut(
                video, start_s=asked.start_s, end_s=asked.end_s, name=asked.name or ""
            )
        except SceneError as error:
            raise _refused(error) from error
        return json_response(scene_json(scene, video), status=201)

    @describes(
        "List the scenes of a video",
        audience=Audience.USER,
        answers={200: Answer(when="All of them, in the order in which they begin.", shape=ScenesJson)},
    )
    async def list_all(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.READ)
        video = await self.footage.video(_id(request), owner=caller.owner)
        found = await self.footage.scenes_of(video)
        # Elsewhere: of a thousand scenes there is much to tell, and the loop answers people.
        told: ScenesJson = {
            "scenes": await anyio.to_thread.run_sync(scenes_json, found, video, limiter=self.turn)
        }
        return json_response(told)

    @describes("Look at a scene", audience=Audience.USER, answers={200: A_SCENE})
    async def get(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.READ)
        scene, video = await self.footage.scene(_id(request), owner=caller.owner)
        return json_response(scene_json(scene, video))

    @describes(
        "Change a scene",
        details="What becomes of it is checked as a whole. Exports that were asked for stay as they are.",
        audience=Audience.USER,
        body=SceneEditRequest,
        answers={200: A_SCENE},
    )
    async def edit(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.WRITE)
        asked = await read_as(SceneEditRequest, request)
        edit = SceneEdit(name=asked.name, start_s=asked.start_s, end_s=asked.end_s)
        try:
            scene, video = await self.footage.edit(_id(request), edit, owner=caller.owner)
        except SceneError as error:
            raise _refused(error) from error
        return json_response(scene_json(scene, video))

    @describes(
        "Delete a scene",
        details="Its video stays, and so does what was exported of it.",
        audience=Audience.USER,
        answers={204: Answer(when="It is gone.")},
    )
    async def delete(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.WRITE)
        await self.footage.delete(_id(request), owner=caller.owner)
        return web.Response(status=204)


def _id(request: web.Request) -> str:
    # A UUID is the same in large letters (RFC 9562, 4).
    return request.match_info["id"].lower()


def _refused(error: SceneError) -> FieldsError:
    return FieldsError([(f"/{field}", message) for field, message in error.errors])
