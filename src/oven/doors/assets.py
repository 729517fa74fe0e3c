"""Assets: list, look, change, delete; to each caller their own alone."""

from dataclasses import dataclass
from typing import Annotated

from aiohttp import web
from pydantic import ConfigDict, Field
from pydantic.config import JsonDict
from typing_extensions import TypedDict

from oven.domain.asset import AssetStatus, AssetType
from oven.domain.caller import Scope
from oven.doors.access import Access
from oven.doors.asset import AssetJson, asset_json
from oven.doors.asset_fields import MAX_TAGS, AssetMetadata, Folder, Label, Tags
from oven.doors.bodies import read_as
from oven.doors.description import Answer, Audience, describes
from oven.doors.fields import Asked
from oven.doors.problems import FieldsError, json_response
from oven.doors.queries import Cursor, PageSize, check_names, choices, next_cursor, page_size, page_start
from oven.pipeline.assets import AssetEdit, AssetFilter
from oven.pipeline.library import Library

EXAMPLE: JsonDict = {"name": "Sunset", "tags": ["sky"], "folder_id": "2025", "metadata": {"rating": 5}}


class AssetPageJson(TypedDict):
    """Some assets, newest first."""

    assets: list[AssetJson]
    next_cursor: Annotated[str | None, Field(description="Where the next page begins; null on the last.")]


class AssetsQuery(TypedDict, total=False):
    """Which assets to list: those that all of it is true of."""

    type: Annotated[list[AssetType], Field(description="Of any of these types.")]
    status: Annotated[list[AssetStatus], Field(description="That stand as any of these says.")]
    folder_id: Annotated[str, Field(description="In this folder; in none, where it is empty.")]
    tag: Annotated[list[str], Field(max_length=MAX_TAGS, description="With all of these tags.")]
    q: Annotated[str, Field(description="With this in the name, whatever the case of its letters.")]
    user_id: Annotated[str, Field(description="This user's; the admin may ask for anybody's.")]
    limit: PageSize
    cursor: Cursor


class AssetEditRequest(Asked):
    """What to change of an asset; what is not named stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    name: Annotated[Label, Field(description="Its name.")] = None
    folder_id: Annotated[Folder, Field(alias="folder_id")] = None
    tags: Annotated[Tags, Field(description="All of its tags.")] = None
    metadata: Annotated[
        AssetMetadata,
        Field(description="Laid over what the caller had said of it; null takes a member away."),
    ] = None


AN_ASSET = Answer(when="The asset.", shape=AssetJson)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetsDoor:
    """`/api/v1/media`: assets, whatever brought them."""

    library: Library
    access: Access

    def routes(self) -> list[web.RouteDef]:
        # An id is a UUID, so no other word that stands there is taken for one.
        return [
            web.get("/api/v1/media", self.page),
            web.get("/api/v1/media/{id:[0-9A-Fa-f-]+}", self.get),
            web.patch("/api/v1/media/{id:[0-9A-Fa-f-]+}", self.edit),
            web.delete("/api/v1/media/{id:[0-9A-Fa-f-]+}", self.delete),
        ]

    @describes(
        "List assets",
        audience=Audience.USER,
        query=AssetsQuery,
        answers={200: Answer(when="A page of assets, newest first.", shape=AssetPageJson)},
        refusals={400: "A filter is wrong."},
    )
    async def page(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.READ)
        query = request.query
        check_names(request, AssetsQuery)
        wanted = AssetFilter(
            types=choices(request, "type", AssetType),
            statuses=choices(request, "status", AssetStatus),
            folder_id=query.get("folder_id"),
            tags=_wanted_tags(request),
            text=query.get("q", ""),
        )
        limit = page_size(request)
        listed = await self.library.page(
            wanted, owner=caller.sees(query.get("user_id")), before=page_start(request), limit=limit
        )
        page: AssetPageJson = {
            "assets": [await asset_json(asset, self.library.link) for asset in listed],
            "next_cursor": next_cursor([(asset.created_ms, asset.id) for asset in listed], limit),
        }
        return json_response(page)

    @describes("Look at an asset", audience=Audience.USER, answers={200: AN_ASSET})
    async def get(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.READ)
        asset = await self.library.get(_id(request), owner=caller.owner)
        return json_response(await asset_json(asset, self.library.link))

    @describes("Change an asset", audience=Audience.USER, body=AssetEditRequest, answers={200: AN_ASSET})
    async def edit(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.WRITE)
        asked = await read_as(AssetEditRequest, request)
        edit = AssetEdit(name=asked.name, folder_id=asked.folder_id, tags=asked.tags, metadata=asked.metadata)
        asset = await self.library.edit(_id(request), edit, owner=caller.owner)
        return json_response(await asset_json(asset, self.library.link))

    @describes(
        "Delete an asset",
        details="Nobody finds it any more from now on; what brings it is cancelled, and its files go later.",
        audience=Audience.USER,
        answers={204: Answer(when="It is gone.")},
    )
    async def delete(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.WRITE)
        await self.library.delete(_id(request), owner=caller.owner)
        return web.Response(status=204)


def _id(request: web.Request) -> str:
    # A UUID is the same in large letters (RFC 9562, 4).
    return request.match_info["id"].lower()


def _wanted_tags(request: web.Request) -> list[str]:
    """Read the tags that an asset is to have.

    Raises:
        FieldsError: FIELD_INVALID, more than an asset can have.

    """
    tags = request.query.getall("tag", [])
    if len(tags) > MAX_TAGS:
        raise FieldsError([("/tag", f"tag may be given {MAX_TAGS} times, as many as an asset has")])
    return tags
