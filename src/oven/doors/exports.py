"""The export door: a video becomes another one, or pictures of it, by operations in one pass."""

from dataclasses import dataclass
from typing import Annotated, Literal

from aiohttp import web
from pydantic import ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic.config import JsonDict
from typing_extensions import TypedDict

from oven.domain.asset import Asset, AssetStatus, AssetType
from oven.domain.caller import Caller, Scope
from oven.domain.errors import Code, NotFoundError
from oven.doors.access import Access
from oven.doors.asset_fields import ID
from oven.doors.bodies import read_as
from oven.doors.complaints import Complaint, Kind, complain
from oven.doors.description import Answer, Audience, describes
from oven.doors.export import STATUSES, ExportStatus
from oven.doors.export_forecast import ForecastJson, forecast_json
from oven.doors.export_job import export_job
from oven.doors.fields import Checks, Text
from oven.doors.operation_list import AskedEdit, Operations, refused_option, refused_plan
from oven.doors.ports import CheckUrl, Seal
from oven.doors.problems import JOB, FieldsError, json_response
from oven.doors.queries import check_names
from oven.doors.submission import KEY_PARAMETER, REFUSALS, accepted_answer, accepts, key_of
from oven.doors.telling import AskedToTell
from oven.doors.webhooks import OF_EXPORT
from oven.media.edit import Edit
from oven.media.operations import OptionError
from oven.media.planning import check_operations, plan_edit
from oven.media.source import Source, source_of_facts
from oven.pipeline.footage import check_ready
from oven.pipeline.library import Library
from oven.recipes.export_request import MarkSource
from oven.recipes.steps import Target

EXAMPLE: JsonDict = {
    "videoId": "550e8400-e29b-41d4-a716-446655440000",
    "operations": [
        {
            "type": "transcode",
            "options": {"codec": "h264", "bitrate": "1000k", "resolution": "1920x1080"},
        },
        {"type": "thumbnail", "options": {"timestamps": ["50%"], "size": "320x240"}},
    ],
}
CLIP_EXAMPLE: JsonDict = {
    "videoId": "550e8400-e29b-41d4-a716-446655440000",
    "operations": [
        {"type": "trim", "options": {"start": "00:00:05", "duration": 20}},
        {
            "type": "watermark",
            "options": {"image": "https://example.com/logo.png", "position": "top-right", "opacity": 0.5},
        },
        {"type": "compress", "options": {"targetSize": "25MB"}},
        {"type": "convert", "options": {"format": "mov"}},
    ],
}


def _no_order(value: object) -> None:
    """Refuse what would start an export that was to be a dry run."""
    if value is not None:
        raise complain(Complaint(kind=Kind.VALUE, about=" stands in the query: ?dryRun=true"))


class ExportOrder(AskedToTell):
    """A video, and what is to be made of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE, CLIP_EXAMPLE]})

    video_id: Annotated[Text, Field(description="The id of an asset, a video that is READY.")]
    operations: Operations
    dry_run: Annotated[
        None, PlainValidator(_no_order), WithJsonSchema({"type": "null"}), Field(description="See the query.")
    ] = None


class ExportsQuery(TypedDict, total=False):
    """How an export is asked for."""

    dryRun: Annotated[
        Literal["true", "false"], Field(description="Tell what would be done, and start nothing.")
    ]


class ExportAcceptedJson(TypedDict):
    """An export that is on its way."""

    id: str
    status: Annotated[ExportStatus, Field(description="`queued`, unless the same was asked for before.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportsDoor:
    """`POST /api/exports`."""

    library: Library
    access: Access
    bucket: str
    check_source: CheckUrl
    check_callback: CheckUrl
    seal: Seal
    seal_url: Seal

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/api/exports", self.submit)]

    @describes(
        "Make something of a video",
        details="The operations run in one pass, whatever their order: a video is cut, scaled, marked and "
        "encoded, and thumbnails show the result. What need not be encoded is copied.\n\nThe same request "
        "again while its job is active gives that job, and starts nothing; URLs are compared without their "
        "queries.",
        audience=Audience.USER,
        body=ExportOrder,
        query=ExportsQuery,
        headers=(KEY_PARAMETER,),
        answers={
            200: Answer(when="Of a dry run: what would be done.", shape=ForecastJson),
            **accepts(ExportAcceptedJson),
        },
        refusals={
            **REFUSALS,
            404: "There is no such video, or it is not the caller's.",
            409: "The video is not READY.",
        },
        sends=OF_EXPORT,
    )
    async def submit(self, request: web.Request) -> web.Response:
        caller = await self.access.caller(request, Scope.WRITE)
        is_dry = _is_dry(request)
        key = key_of(request)
        order = await read_as(
            ExportOrder, request, Checks(source=self.check_source, callback=self.check_callback)
        )
        asked = order.operations
        try:
            check_operations(asked.operations)
            asset = await self._video(order.video_id, caller)
            marks = [await self._mark(index, asked, asset) for index in sorted(asked.images)]
            source, edit = self._plan(asset, asked)
        except OptionError as error:
            raise refused_plan(error, asked.operations) from error
        limits = self.library.service.limits
        if is_dry:
            return json_response(
                forecast_json(edit, source, asked.operations, threads=limits.encoder_threads)
            )
        telling = order.telling(seal=self.seal, seal_url=self.seal_url)
        new = export_job(asset, asked, edit, marks, bucket=self.bucket, telling=telling, key=key)
        accepted = await self.library.service.submit(new)
        request[JOB] = accepted.record.id
        told: ExportAcceptedJson = {
            "id": accepted.record.id,
            "status": STATUSES[accepted.record.state],
        }
        return accepted_answer(accepted, told)

    async def _video(self, video_id: str, caller: Caller) -> Asset:
        """Find the video that is asked for.

        Raises:
            NotFoundError: NOT_FOUND, also of what cannot be an id.
            FieldsError: MEDIA_TYPE_MISMATCH.
            ConflictError: ASSET_CONFLICT, it is not there yet, or will not come.

        """
        if not ID.fullmatch(video_id):
            raise NotFoundError(Code.NOT_FOUND, "there is no such video", hint="videoId is an asset's id.")
        asset = await self.library.get(video_id.lower(), owner=caller.owner)
        if asset.type is not AssetType.VIDEO:
            rule = f"videoId names {_named(asset.type)}; it must name a video"
            raise FieldsError([("/videoId", rule)], code=Code.MEDIA_TYPE_MISMATCH)
        check_ready(asset)
        return asset

    async def _mark(self, index: int, asked: AskedEdit, asset: Asset) -> MarkSource:
        """Find the picture of a watermark, among what is the video's owner's.

        Raises:
            FieldsError: OPERATION_INVALID.

        """
        image = asked.images[index]
        if not ID.fullmatch(image):
            return MarkSource(url=self.seal_url(image))
        rule = "must be the id of an image that is READY, and whose owner is the video's"
        try:
            mark = await self.library.get(image, owner=asset.owner)
        except NotFoundError as error:
            raise refused_option(index, asked.operations[index], "image", f"{rule}; there is none") from error
        if mark.type is not AssetType.IMAGE or mark.status is not AssetStatus.READY:
            found = f"this is {_named(mark.type)} that is {mark.status}"
            raise refused_option(index, asked.operations[index], "image", f"{rule}; {found}")
        return MarkSource(target=Target(mark.bucket, mark.key))

    def _plan(self, asset: Asset, asked: AskedEdit) -> tuple[Source, Edit]:
        """Decide by what is known of a video.

        Raises:
            OptionError: what cannot be.

        """
        source = source_of_facts(asset.facts, size_bytes=asset.size_bytes)
        limits = self.library.service.limits
        return source, plan_edit(source, asked.operations, max_pixels=limits.frame_pixels)


def _named(kind: AssetType) -> str:
    return {AssetType.VIDEO: "a video", AssetType.AUDIO: "a sound", AssetType.IMAGE: "an image"}[kind]


def _is_dry(request: web.Request) -> bool:
    """Read whether something is to be told alone.

    Raises:
        FieldsError: FIELD_INVALID; what is not understood here would start a job.

    """
    check_names(request, ExportsQuery)
    given = request.query.getall("dryRun", ["false"])
    if len(given) != 1 or given[0] not in {"true", "false"}:
        raise FieldsError([("/dryRun", "dryRun must be true or false")])
    return given[0] == "true"
