"""An export as the API tells it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from oven.domain.instants import iso
from oven.domain.job import JobRecord, JobState
from oven.doors.job import JobErrorJson, error_json
from oven.pipeline.instants import Instant
from oven.pipeline.outlook import share_of_phase
from oven.pipeline.standing import EtaS, Position, Speed
from oven.recipes.export import RECIPE


class ExportStatus(StrEnum):
    """Where an export stands; the last three are final."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class QueueState(StrEnum):
    """Where its job stands, in the words of the video service's queue."""

    WAITING = "waiting"
    ACTIVE = "active"
    DELAYED = "delayed"
    COMPLETED = "completed"
    FAILED = "failed"


STATUSES = {
    JobState.QUEUED: ExportStatus.QUEUED,
    JobState.RUNNING: ExportStatus.PROCESSING,
    JobState.RETRYING: ExportStatus.QUEUED,
    JobState.DONE: ExportStatus.COMPLETED,
    JobState.FAILED: ExportStatus.FAILED,
    JobState.CANCELLED: ExportStatus.CANCELLED,
}
STATES = {
    JobState.QUEUED: QueueState.WAITING,
    JobState.RUNNING: QueueState.ACTIVE,
    JobState.RETRYING: QueueState.DELAYED,
    JobState.DONE: QueueState.COMPLETED,
    JobState.FAILED: QueueState.FAILED,
    JobState.CANCELLED: QueueState.FAILED,
}
# The phases of the job in words of its caller; that of the encode is called by what is asked for.
ENCODE = "encode"
PHASES = {"fetch": "download", "publish": "upload"}
THUMBNAIL = "thumbnail"


class DetailedProgressJson(TypedDict):
    """How far a job is, and with what."""

    percent: Annotated[int, Field(ge=0, le=100)]
    currentOperation: Annotated[
        str | None,
        Field(
            description="`download`, `inspect`, an operation that makes the film such as `transcode`, "
            "`verify`, `upload`; null unless it runs."
        ),
    ]
    timemark: Annotated[
        str, Field(pattern=r"^\d{2,}:\d\d:\d\d$", description="How much of the result is encoded.")
    ]
    speed: Speed
    etaS: EtaS


class JobStatusJson(TypedDict):
    """How the job of an export stands."""

    state: QueueState
    progress: Annotated[int, Field(ge=0, le=100, description="Percent of all that there is to do.")]
    position: Position
    detailedProgress: DetailedProgressJson


class ExportJson(TypedDict):
    """An export."""

    id: str
    status: ExportStatus
    jobStatus: JobStatusJson
    videoId: str
    userId: Annotated[str | None, Field(description="Whose it is; null for the admin's own.")]
    createdAt: Instant
    startedAt: Instant | None
    finishedAt: Instant | None
    result: Annotated[
        Mapping[str, Any] | None,
        Field(
            description="What was made: `video` and `thumbnails`, `reasons` of what was encoded or copied, "
            "`warnings`, `verification`, how true it is, and `steps`, what took how long."
        ),
    ]
    error: JobErrorJson | None


def export_json(record: JobRecord) -> ExportJson:
    """Give an export, without what is nobody's business."""
    percent = 100 if record.state is JobState.DONE else int(record.progress * 100)
    return {
        "id": record.id,
        "status": STATUSES[record.state],
        "jobStatus": {
            "state": STATES[record.state],
            "progress": percent,
            "position": record.outlook.position,
            "detailedProgress": {
                "percent": percent,
                "currentOperation": current_operation(record),
                "timemark": timemark(record),
                "speed": record.outlook.speed,
                "etaS": record.outlook.eta_s,
            },
        },
        "videoId": record.request["asset_id"],
        "userId": record.owner or None,
        "createdAt": iso(record.created_ms),
        "startedAt": iso(record.started_ms),
        "finishedAt": iso(record.finished_ms),
        "result": record.result,
        "error": error_json(record),
    }


def current_operation(record: JobRecord) -> str | None:
    """Say what a job works at; None unless it runs."""
    if record.state is not JobState.RUNNING or not record.phase:
        return None
    if record.phase != ENCODE:
        return PHASES.get(record.phase, record.phase)
    kinds = [each["type"] for each in record.request["operations"]]
    return next((kind for kind in kinds if kind != THUMBNAIL), THUMBNAIL)


def timemark(record: JobRecord) -> str:
    """Say how much of the result is encoded, as ffmpeg does, in whole seconds."""
    done = 1.0 if record.state is JobState.DONE else share_of_phase(RECIPE.phases, ENCODE, record.progress)
    minutes, seconds = divmod(int(done * record.request["duration_s"]), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
