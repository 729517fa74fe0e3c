"""Videos, which scenes are cut from: register one that is kept here, or import it; list, look."""

from dataclasses import dataclass
from typing import Annotated

from aiohttp import web
from pydantic import ConfigDict, Field
from pydantic.config import JsonDict
from typing_extensions import TypedDict

from oven.domain.asset import Asset, AssetStatus, AssetType
from oven.domain.caller import Caller, Scope
from oven.domain.errors import Code, NotFoundError
from oven.doors.access import Access
from oven.doors.asset_fields import ID, Label, UserId
from oven.doors.bodies import read_as
from oven.doors.description import Answer, Audience, describes
from oven.doors.fields import OptionalSourceUrl, OptionalText
from oven.doors.import_job import Wanted
from oven.doors.importing import Importing
from oven.doors.problems import JOB, FieldsError, json_response
from oven.doors.queries import Cursor, PageSize, check_names, choices, next_cursor, page_size, page_start
from oven.doors.submission import KEY_PARAMETER, REFUSALS, accepted_answer, accepts, key_of
from oven.doors.telling import AskedToTell
from oven.doors.video import VideoJson, video_json
from oven.doors.webhooks import OF_IMPORT
from oven.pipeline.assets import AssetFilter
from oven.pipeline.footage import Footage

KEPT_EXAMPLE: JsonDict = {"asset_id": "550e8400-e29b-41d4-a716-446655440000"}
URL_EXAMPLE: JsonDict = {"url": "https://example.com/video.mp4", "name": "Sunset.mp4"}


class VideoRequest(AskedToTell):
    """A video that is kept here already, by its asset's id, or one to import, by its URL."""

    model_config = ConfigDict(json_schema_extra={"examples": [KEPT_EXAMPLE, URL_EXAMPLE]})

    asset_id: Annotated[
        OptionalText, Field(alias="asset_id", description="The id of an asset that is a video.")
    ] = ""
    url: Annotated[OptionalSourceUrl, Field(description="Where it is, by https.")] = ""
    name: Annotated[
        Label, Field(description="Of an import: its name; else it is the last of its URL's path.")
    ] = None
    user_id: Annotated[UserId, Field(alias="user_id")] = None


class VideosQuery(TypedDict, total=False):
    """Which videos to list."""

    status: Annotated[list[AssetStatus], Field(description="That stand as any of these says.")]
    user_id: Annotated[str, Field(description="This user's; the admin may ask for anybody's.")]
    limit: PageSize
    cursor: Cursor


class VideoPageJson(TypedDict):
    """Some videos, newest first."""

    videos: list[VideoJson]
    next_cursor: Annotated[str | None, Field(description="Where the next page begins; null on the last.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class VideosDoor:
    """`/v1/videos`: assets that are videos, as whoever makes shorts of them sees them."""

    footage: Footage
    access: Access
    importing: Importing

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v1/videos", self.add),
            web.get("/v1/videos", self.page),
            # An id is a UUID, so no other word that stands there is taken for one.
            web.get("/v1/videos/{id:[0-9A-Fa-f-]+}", self.get),
        ]

    @describes(
        "Take a video to cut scenes from",
        details="Either one that is kept here, which nothing is done to, or one to import, which is on its "
        "way when this is answered, and READY or FAILED later.\n\nThe same import again while its job is "
        "active gives that video, and starts nothing; URLs are compared without their queries.",
        audience=Audience.USER,
        body=VideoRequest,
        headers=(KEY_PARAMETER,),
        answers={200: Answer(when="The video, which is kept here.", shape=VideoJson), **accepts(VideoJson)},
        refusals={
            **REFUSALS,
            403: "The API key lacks the scope, or a video is asked for another user.",
            404: "There is no such asset, or it is not the caller's.",
        },
        sends=OF_IMPORT,
    )
    async def add(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.WRITE)
        key = key_of(request)
        asked = await read_as(VideoRequest, request, self.importing.checks)
        _check_one(asked)
        library = self.footage.library
        if asked.asset_id:
            asset = await self._kept(asked, caller)
            return json_response(await video_json(asset, library.link))
        new = self.importing.job(
            Wanted(url=asked.url, type=AssetType.VIDEO, name=asked.name or ""),
            owner=caller.acts_for(asked.user_id),
            asked=asked,
            key=key,
        )
        accepted = await library.service.submit(new)
        record = accepted.record
        request[JOB] = record.id
        asset = await library.get(record.request["asset_id"], owner=record.owner)
        return accepted_answer(accepted, await video_json(asset, library.link))

    @describes(
        "List videos",
        audience=Audience.USER,
        query=VideosQuery,
        answers={200: Answer(when="A page of videos, newest first.", shape=VideoPageJson)},
        refusals={400: "A filter is wrong."},
    )
    async def page(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.READ)
        check_names(request, VideosQuery)
        library, limit = self.footage.library, page_size(request)
        listed = await library.page(
            AssetFilter(types=[AssetType.VIDEO], statuses=choices(request, "status", AssetStatus)),
            owner=caller.sees(request.query.get("user_id")),
            before=page_start(request),
            limit=limit,
        )
        page: VideoPageJson = {
            "videos": [await video_json(asset, library.link) for asset in listed],
            "next_cursor": next_cursor([(asset.created_ms, asset.id) for asset in listed], limit),
        }
        return json_response(page)

    @describes(
        "Look at a video",
        audience=Audience.USER,
        answers={200: Answer(when="The video.", shape=VideoJson)},
    )
    async def get(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.READ)
        # A UUID is the same in large letters (RFC 9562, 4).
        asset = await self.footage.video(request.match_info["id"].lower(), owner=caller.owner)
        return json_response(await video_json(asset, self.footage.library.link))

    async def _kept(self, asked: VideoRequest, caller: Caller) -> Asset:
        """Find the asset that is asked for.

        Raises:
            NotFoundError: NOT_FOUND, also of what cannot be an id.
            ForbiddenError: FORBIDDEN, a user asked for another's.
            FieldsError: MEDIA_TYPE_MISMATCH.

        """
        owner = caller.sees(asked.user_id)
        if not ID.fullmatch(asked.asset_id):
            raise NotFoundError(Code.NOT_FOUND, "there is no such asset", hint="asset_id is an asset's id.")
        asset = await self.footage.library.get(asked.asset_id.lower(), owner=owner)
        if asset.type is not AssetType.VIDEO:
            rule = f"asset_id names an asset of type {asset.type}; it must be a video"
            raise FieldsError([("/asset_id", rule)], code=Code.MEDIA_TYPE_MISMATCH)
        return asset


def _check_one(asked: VideoRequest) -> None:
    """Let one of both ways pass, with nothing that belongs to the other.

    Raises:
        FieldsError: FIELD_INVALID.

    """
    if not asked.asset_id and not asked.url:
        raise FieldsError([("/asset_id", "either asset_id or url must be given")])
    if asked.asset_id and asked.url:
        raise FieldsError([("/url", "asset_id and url cannot both be given")])
    given = {
        "name": asked.name,
        "callbackUrl": asked.callback_url,
        "callbackSecret": asked.callback_secret,
        "progressUrl": asked.progress_url,
    }
    if asked.asset_id and (beside := [name for name, value in given.items() if value]):
        raise FieldsError(
            [(f"/{name}", f"{name} is of an import; beside asset_id it means nothing") for name in beside],
            hint="PATCH /api/v1/media/{id} changes a name." if "name" in beside else "",
        )
