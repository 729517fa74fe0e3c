"""Previews: how a scene would look as a short, before one is made."""

import base64
from dataclasses import dataclass
from typing import Annotated

import anyio
from aiohttp import web
from pydantic import Field
from typing_extensions import TypedDict

from oven.domain.asset import Asset
from oven.domain.caller import Scope
from oven.domain.errors import BadInputError, Code, OvenError
from oven.domain.scene import Scene
from oven.doors.access import Access
from oven.doors.description import Answer, Audience, describes
from oven.doors.problems import json_response
from oven.doors.watchers import has_gone
from oven.media.preview import PREVIEW_SIZE, StrategyName
from oven.pipeline.footage import Footage, check_ready
from oven.pipeline.previews import Preview, Previews

# A page may be opened again; a scene may be changed, too.
CACHE_CONTROL = "private, max-age=60"
# How soon it is seen that nobody waits any more.
LOOK_EVERY_S = 0.2


class StillJson(TypedDict):
    """What one strategy would make of it."""

    aspect_ratio_strategy: StrategyName
    image: Annotated[str, Field(description="A JPEG, as a data URL: `data:image/jpeg;base64,…`.")]


class PreviewsJson(TypedDict):
    """One frame of a scene, as each strategy would show it."""

    scene_id: str
    at_s: Annotated[float, Field(description="When the frame is shown, in seconds from the video's begin.")]
    width: Annotated[int, Field(description="Of each picture, in pixels: a quarter of a short's.")]
    height: int
    previews: list[StillJson]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewsDoor:
    """`GET /v1/scenes/{id}/previews`."""

    footage: Footage
    access: Access
    previews: Previews

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/v1/scenes/{id:[0-9A-Fa-f-]+}/previews", self.get)]

    @describes(
        "Preview a scene",
        details="One still a strategy, made while this is asked, usually within a second; nothing is stored. "
        "They show the key frame nearest to the scene's middle, or, where it has none near that, the middle.",
        audience=Audience.USER,
        answers={200: Answer(when="The stills.", shape=PreviewsJson)},
        refusals={
            400: "The video can be no short, or has no picture there that can be decoded.",
            409: "The video is not READY, or a still of it cannot be had without bringing all of it here.",
            503: "Too many previews are being made, or this one took too long.",
        },
    )
    async def get(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.READ)
        # A UUID is the same in large letters (RFC 9562, 4).
        scene, video = await self.footage.scene(request.match_info["id"].lower(), owner=caller.owner)
        check_ready(video)
        preview = await self._made(request, scene, video)
        told: PreviewsJson = {
            "scene_id": scene.id,
            "at_s": round(preview.at_s, 6),
            "width": PREVIEW_SIZE.width,
            "height": PREVIEW_SIZE.height,
            "previews": [
                {"aspect_ratio_strategy": strategy, "image": _data_url(jpeg)}
                for strategy, jpeg in preview.images.items()
            ],
        }
        response = json_response(told)
        response.headers["Cache-Control"] = CACHE_CONTROL
        return response

    async def _made(self, request: web.Request, scene: Scene, video: Asset) -> Preview:
        """Make a preview for as long as somebody waits for it.

        Raises:
            OvenError: what `Previews.of` raises; CANCELLED, which nobody hears.

        """
        made: list[Preview] = []
        failures: list[OvenError] = []
        async with anyio.create_task_group() as group:

            async def make() -> None:
                try:
                    made.append(await self.previews.of(scene, video))
                except OvenError as error:
                    failures.append(error)
                group.cancel_scope.cancel()

            group.start_soon(make)
            # Handlers are not cancelled by themselves: most do what has to be done whoever waits.
            while not has_gone(request):  # noqa: ASYNC110 - nothing tells
                await anyio.sleep(LOOK_EVERY_S)
            group.cancel_scope.cancel()
        if failures:
            raise failures[0]
        if not made:
            raise BadInputError(Code.CANCELLED, "the client has gone")
        return made[0]


def _data_url(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
