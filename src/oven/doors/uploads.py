"""Direct uploads: a client sends an asset in parts, straight to the store."""

import mimetypes
import uuid
from dataclasses import dataclass
from typing import Annotated

from aiohttp import web
from pydantic import ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic.config import JsonDict
from typing_extensions import TypedDict

from oven.domain.asset import Asset, AssetStatus, AssetType, NewAsset, folder_of
from oven.domain.caller import Scope
from oven.domain.instants import iso
from oven.domain.parts import part_bytes_for
from oven.doors.access import Access
from oven.doors.asset import AssetJson, asset_json
from oven.doors.asset_fields import AssetId, AssetMetadata, Label, Tags, Times, TypeField, UserId
from oven.doors.bodies import read_as
from oven.doors.complaints import Complaint, Kind, complain
from oven.doors.description import Answer, Audience, describes
from oven.doors.fields import Asked
from oven.doors.import_job import job_of
from oven.doors.problems import JOB, FieldsError, json_response
from oven.media.names import key_name
from oven.pipeline.instants import Instant
from oven.pipeline.library import UPLOAD_S, Library

OCTETS = "application/octet-stream"
EXAMPLE: JsonDict = {"name": "film.mp4", "type": "video", "size": 104857600}


def _size(value: object) -> int:
    """Take a number of bytes; how many may be is the operator's to say."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise complain(Complaint(kind=Kind.VALUE, about=" must be a number of bytes, at least 1"))
    return value


class UploadRequest(Asked):
    """Something that the caller will send: what it is, how large, and what it is called."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    name: Annotated[Label, Field(description="Its name.")] = None
    type: TypeField = AssetType.VIDEO
    size: Annotated[
        int,
        PlainValidator(_size),
        WithJsonSchema({"type": "integer", "minimum": 1}),
        Field(description="In bytes."),
    ]
    metadata: Annotated[AssetMetadata, Field(description="The caller's own, kept with it.")] = None
    folder_id: Annotated[Label, Field(alias="folder_id", description="The caller's own for a folder.")] = None
    tags: Annotated[Tags, Field(description="To find it by.")] = None
    asset_id: Annotated[AssetId, Field(alias="asset_id")] = None
    user_id: Annotated[UserId, Field(alias="user_id")] = None


class CompleteRequest(Asked):
    """What to do with what was sent, beside proving it."""

    thumbnail_times: Annotated[Times, Field(alias="thumbnail_times")] = ()


class PartJson(TypedDict):
    """One part of an upload."""

    number: Annotated[int, Field(description="Counts from 1.")]
    size: Annotated[int, Field(description="In bytes.")]
    url: Annotated[str, Field(description="Where its bytes are put to, by PUT and without any more headers.")]


class UploadJson(TypedDict):
    """How an asset is sent."""

    part_size: Annotated[int, Field(description="Of every part but the last, in bytes.")]
    parts: list[PartJson]
    expires_at: Instant


class PendingJson(AssetJson):
    """An asset that waits for its upload."""

    upload: UploadJson


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadsDoor:
    """`POST /api/v1/media` begins an upload, `…/{id}/complete` ends it."""

    library: Library
    access: Access
    bucket: str
    max_bytes: int

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/api/v1/media", self.begin),
            web.post("/api/v1/media/{id:[0-9A-Fa-f-]+}/upload", self.resume),
            web.post("/api/v1/media/{id:[0-9A-Fa-f-]+}/complete", self.complete),
        ]

    @describes(
        "Begin a direct upload",
        details="The parts are put straight to the store, each to its own link, in any order and side by "
        "side; then the upload is completed. One that is not within a day is given up.",
        audience=Audience.USER,
        body=UploadRequest,
        answers={201: Answer(when="The asset, and where its parts go.", shape=PendingJson)},
        refusals={
            403: "The API key lacks the scope, or an upload is begun for another user.",
            409: "The asset's id cannot be had.",
        },
    )
    async def begin(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.WRITE)
        asked = await read_as(UploadRequest, request)
        if asked.size > self.max_bytes:
            raise FieldsError([("/size", f"size is more than {self.max_bytes:,} bytes, which is the limit")])
        owner = caller.acts_for(asked.user_id)
        name = asked.name or asked.type
        asset_id = asked.asset_id or str(uuid.uuid4())
        new = NewAsset(
            id=asset_id,
            owner=owner,
            type=asked.type,
            name=name,
            status=AssetStatus.PENDING_UPLOAD,
            bucket=self.bucket,
            key=f"{folder_of(owner, asset_id)}{key_name(asked.type, name)}",
            metadata=asked.metadata or {},
            facts={"declared_size": asked.size},
            folder_id=asked.folder_id,
            tags=asked.tags or (),
        )
        asset = await self.library.begin_upload(new, content_type=mimetypes.guess_type(new.key)[0] or OCTETS)
        return json_response(await self._pending(asset), status=201)

    @describes(
        "Get fresh links for an upload",
        details="For a client that was interrupted; parts that have arrived need not be sent again.",
        audience=Audience.USER,
        answers={200: Answer(when="The asset, and where its parts go.", shape=PendingJson)},
        refusals={409: "The asset waits for no upload."},
    )
    async def resume(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.WRITE)
        asset = await self.library.pending(request.match_info["id"], owner=caller.owner)
        return json_response(await self._pending(asset))

    @describes(
        "Complete a direct upload",
        details="The asset is proved, and READY or FAILED later, as after an import.",
        audience=Audience.USER,
        body=CompleteRequest,
        answers={202: Answer(when="The job is on disk, and will end exactly once.", shape=AssetJson)},
        refusals={
            400: "The body is not what is asked for, or a part is missing.",
            409: "The asset waits for no upload.",
            503: "The queue is full, or Oven is shutting down.",
        },
    )
    async def complete(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.WRITE)
        asked = await read_as(CompleteRequest, request)
        asset = await self.library.pending(request.match_info["id"], owner=caller.owner)
        if asked.thumbnail_times and asset.type is not AssetType.VIDEO:
            raise FieldsError([("/thumbnail_times", "thumbnail_times are for videos alone")])
        await self.library.end_upload(asset, size_bytes=asset.facts["declared_size"])
        proving = job_of(_proved(asset), identity=f"upload {asset.id}", times_s=asked.thumbnail_times)
        record, _ = await self.library.service.submit(proving)
        request[JOB] = record.id
        asset = await self.library.get(asset.id, owner=caller.owner)
        return json_response(await asset_json(asset, self.library.link), status=202)

    async def _pending(self, asset: Asset) -> PendingJson:
        size_bytes = asset.facts["declared_size"]
        part_bytes = part_bytes_for(size_bytes)
        sizes = [min(part_bytes, size_bytes - start) for start in range(0, size_bytes, part_bytes)]
        links = await self.library.part_links(asset, sizes)
        parts: list[PartJson] = [
            {"number": number, "size": size, "url": link}
            for number, (size, link) in enumerate(zip(sizes, links, strict=True), start=1)
        ]
        until_ms = self.library.now_ms() + UPLOAD_S * 1_000
        upload: UploadJson = {"part_size": part_bytes, "parts": parts, "expires_at": iso(until_ms)}
        return {**await asset_json(asset, self.library.link), "upload": upload}


def _proved(asset: Asset) -> NewAsset:
    """Give what was sent as it is announced to the job that proves it."""
    return NewAsset(
        id=asset.id,
        owner=asset.owner,
        type=asset.type,
        name=asset.name,
        status=AssetStatus.UPLOADING,
        bucket=asset.bucket,
        key=asset.key,
        metadata=asset.metadata,
        facts=asset.facts,
        folder_id=asset.folder_id,
        tags=asset.tags,
    )
