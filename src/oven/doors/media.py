"""The import door: media by their URLs, kept as assets."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

from aiohttp import web
from pydantic import ConfigDict, Field, ValidationInfo, field_validator
from pydantic.config import JsonDict
from typing_extensions import TypedDict

from oven.domain.asset import AssetStatus, AssetType
from oven.domain.caller import Caller, Scope
from oven.domain.errors import (
    BadInputError,
    Code,
    ConflictError,
    FaultError,
    NotFoundError,
    OvenError,
    TransientError,
)
from oven.domain.job import JobRecord, NewJob
from oven.doors.access import Access
from oven.doors.asset import AssetJson, asset_json
from oven.doors.asset_fields import (
    AssetId,
    AssetMetadata,
    Label,
    Tags,
    Times,
    TypeField,
    UserId,
)
from oven.doors.bodies import read_as
from oven.doors.complaints import Complaint, Kind, complain
from oven.doors.description import Answer, Audience, describes
from oven.doors.fields import Asked, SourceUrl
from oven.doors.import_job import Wanted
from oven.doors.importing import Importing
from oven.doors.problems import JOB, json_response
from oven.doors.submission import KEY_PARAMETER, REFUSALS, accepted_answer, accepts, key_of
from oven.doors.telling import AskedToTell
from oven.doors.webhooks import OF_IMPORT
from oven.pipeline.board import Board
from oven.pipeline.library import Library

MAX_BATCH = 50
# Who imports an image waits so long for it; clients and proxies give up soon after.
WAITED_S = 25.0
OURS = {Code.STORAGE_DENIED, Code.INTERNAL, Code.WORKER_CRASHED, Code.ENCODER_UNAVAILABLE}

EXAMPLE: JsonDict = {
    "url": "https://example.com/video.mp4",
    "name": "AI_Video_12345.mp4",
    "type": "video",
    "metadata": {"aiGenerated": True, "prompt": "beautiful sunset"},
}


class ImportRequest(AskedToTell):
    """Something to import: where it is, what it is, and what it is called."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    url: Annotated[SourceUrl, Field(description="Where it is, by https.")]
    type: TypeField = AssetType.VIDEO
    name: Annotated[Label, Field(description="Its name; the last of its URL's path where none is given.")] = (
        None
    )
    metadata: Annotated[AssetMetadata, Field(description="The caller's own, kept with it.")] = None
    folder_id: Annotated[
        Label, Field(alias="folder_id", description="The caller's own name of a folder.")
    ] = None
    tags: Annotated[Tags, Field(description="To find it by.")] = None
    thumbnail_times: Annotated[Times, Field(alias="thumbnail_times")] = ()
    asset_id: Annotated[AssetId, Field(alias="asset_id")] = None
    user_id: Annotated[UserId, Field(alias="user_id")] = None

    @field_validator("thumbnail_times")
    @classmethod
    def _of_a_video(cls, times: tuple[float, ...], info: ValidationInfo) -> tuple[float, ...]:
        if times and info.data.get("type") is not AssetType.VIDEO:
            raise complain(Complaint(kind=Kind.VALUE, about=" are for videos alone"))
        return times


class BatchRequest(Asked):
    """Several imports, all of which are accepted, or none."""

    imports: Annotated[list[ImportRequest], Field(min_length=1, max_length=MAX_BATCH)]


class BatchJson(TypedDict):
    """Assets that are on their way, in the order in which they were asked for."""

    assets: list[AssetJson]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportDoor:
    """`/api/v1/media/import-from-url`; images are waited for, a while."""

    library: Library
    board: Board
    access: Access
    importing: Importing

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/api/v1/media/import-from-url", self.submit),
            web.post("/api/v1/media/import-from-url/batch", self.submit_all),
        ]

    @describes(
        "Import a video, a sound or an image",
        details="The asset is on its way when this is answered, and READY or FAILED later; an image is "
        "waited for, up to a while.\n\nThe same request again while its job is active gives that asset, and "
        "starts nothing; URLs are compared without their queries.",
        audience=Audience.USER,
        body=ImportRequest,
        headers=(KEY_PARAMETER,),
        answers={
            201: Answer(when="An image is there.", shape=AssetJson),
            **accepts(AssetJson),
        },
        refusals={
            **REFUSALS,
            403: "The API key lacks the scope, or an import is asked for another user.",
            409: "The asset's id cannot be had.",
            500: "Of an image: the store refuses it.",
        },
        sends=OF_IMPORT,
    )
    async def submit(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.WRITE)
        asked = await read_as(ImportRequest, request, self.importing.checks)
        new = self._new_job(asked, caller, key_of(request))
        try:
            accepted = await self.library.service.submit(new)
        except ConflictError:
            # It may be there already, although its job is forgotten by now.
            with suppress(NotFoundError):
                asset = await self.library.get(new.request["asset_id"], owner=new.owner)
                return json_response(await asset_json(asset, self.library.link), status=202)
            raise
        record = accepted.record
        request[JOB] = record.id
        if asked.type is AssetType.IMAGE:
            record = await self.board.until_settled(record.id, owner=record.owner, limit_s=WAITED_S)
            if record.error is not None and record.state.is_final:
                raise _told(record)
        asset = await self.library.get(record.request["asset_id"], owner=record.owner)
        is_there = asked.type is AssetType.IMAGE and asset.status is AssetStatus.READY
        told = await asset_json(asset, self.library.link)
        return accepted_answer(accepted, told, status=201 if is_there else 202)

    @describes(
        "Import several things",
        details=f"Up to {MAX_BATCH}, all of which are accepted, or none; images are not waited for.",
        audience=Audience.USER,
        body=BatchRequest,
        answers={202: Answer(when="The jobs are on disk, and each will end exactly once.", shape=BatchJson)},
        refusals={
            403: "The API key lacks the scope, or an import is asked for another user.",
            409: "An asset's id cannot be had.",
            503: "The queue has no place for all of them.",
        },
        sends=OF_IMPORT,
    )
    async def submit_all(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.WRITE)
        asked = await read_as(BatchRequest, request, self.importing.checks)
        news = [self._new_job(each, caller, "") for each in asked.imports]
        return json_response({"assets": await self._accept(news)}, status=202)

    async def _accept(self, news: Sequence[NewJob]) -> list[AssetJson]:
        accepted = await self.library.service.submit_all(news)
        assets = [
            await self.library.get(record.request["asset_id"], owner=record.owner) for record, _ in accepted
        ]
        return [await asset_json(asset, self.library.link) for asset in assets]

    def _new_job(self, asked: ImportRequest, caller: Caller, key: str) -> NewJob:
        wanted = Wanted(
            url=asked.url,
            type=asked.type,
            name=asked.name or "",
            metadata=asked.metadata,
            folder_id=asked.folder_id,
            tags=asked.tags or (),
            times_s=asked.thumbnail_times,
            asset_id=asked.asset_id or "",
        )
        return self.importing.job(
            wanted,
            owner=caller.acts_for(asked.user_id),
            asked=asked,
            key=key,
        )


def _told(record: JobRecord) -> OvenError:
    """Give the error of a job that has failed, as an answer."""
    error = record.error or {}
    code = Code(error["code"])
    kind: type[OvenError] = FaultError if code in OURS else BadInputError
    return (TransientError if error["retryable"] else kind)(code, error["message"], hint=error["hint"])
