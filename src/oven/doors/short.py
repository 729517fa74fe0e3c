"""A short as the API tells it; its callers say export."""

import math
from enum import StrEnum
from typing import Annotated, Any, Protocol

from pydantic import Field
from typing_extensions import TypedDict

from oven.domain.instants import iso
from oven.domain.job import JobRecord, JobState
from oven.domain.text import clipped
from oven.media.short import Quality
from oven.media.strategies import StrategyName
from oven.pipeline.instants import Instant
from oven.pipeline.library import EXPIRES_S
from oven.pipeline.standing import EtaS, Position
from oven.recipes.short import MAX_MESSAGE_CHARS
from oven.recipes.short_request import REQUESTS
from oven.recipes.steps import Target
from oven.recipes.tape_metadata import JobWarning

# What a browser saves it as.
FILENAME = "scene_short.mp4"


class Presign(Protocol):
    """Gives an address that opens an object for so many seconds, with the name to save it under, or none."""

    async def __call__(self, target: Target, *, expires_s: int, filename: str = "") -> str: ...


class ShortStatus(StrEnum):
    """Where a short stands; the last two are final."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


STATUSES = {
    JobState.QUEUED: ShortStatus.PENDING,
    JobState.RUNNING: ShortStatus.PROCESSING,
    JobState.RETRYING: ShortStatus.PENDING,
    JobState.DONE: ShortStatus.COMPLETED,
    JobState.FAILED: ShortStatus.FAILED,
    JobState.CANCELLED: ShortStatus.FAILED,
}
ExportId = Annotated[str, Field(description="Also its job's.")]


class ShortJson(TypedDict):
    """A short, and where its file is."""

    export_id: ExportId
    scene_id: str
    video_id: str
    status: ShortStatus
    progress: Annotated[int, Field(ge=0, le=100, description="Percent of all that there is to do.")]
    phase: Annotated[str | None, Field(description="What it works at; null unless it runs.")]
    position: Position
    eta_s: EtaS
    aspect_ratio_strategy: StrategyName
    output_quality: Quality
    start_s: Annotated[float, Field(description="Where it begins in the video.")]
    end_s: float
    file_size_bytes: int | None
    duration_s: Annotated[float | None, Field(description="Of the file; null before it is there.")]
    resolution: str | None
    download_url: Annotated[
        str | None,
        Field(
            description=f"Opens the file for an hour, or until it goes, and saves it as `{FILENAME}`; "
            "null where there is no file, not yet or no more, or none that this Oven reaches."
        ),
    ]
    expires_at: Annotated[Instant | None, Field(description="When the file goes; null before it is there.")]
    expired: Annotated[bool, Field(description="Whether there was a file, and it is gone.")]
    error: Annotated[
        str | None,
        Field(max_length=MAX_MESSAGE_CHARS, description="Why there is none, for people; null else."),
    ]
    error_code: Annotated[str | None, Field(description="Why there is none, for programs.")]
    warnings: list[JobWarning]
    created_at: Instant
    started_at: Instant | None
    completed_at: Annotated[Instant | None, Field(description="When it ended, well or not.")]


async def short_json(record: JobRecord, presign: Presign, *, now_ms: int) -> ShortJson:
    """Give a short, with a link to its file while there is one."""
    asked = REQUESTS.validate_python(record.request)
    result = record.result or {}
    expires_ms = _expires_ms(record)
    left_s = 0.0 if expires_ms is None else (expires_ms - now_ms) / 1_000
    link = ""
    if left_s > 0:
        link = await presign(
            asked.target, expires_s=max(1, min(EXPIRES_S, math.ceil(left_s))), filename=FILENAME
        )
    error: dict[str, Any] = dict(record.error or {})
    return {
        "export_id": record.id,
        "scene_id": asked.scene_id,
        "video_id": asked.asset_id,
        "status": STATUSES[record.state],
        "progress": 100 if record.state is JobState.DONE else int(record.progress * 100),
        "phase": record.phase or None,
        "position": record.outlook.position,
        "eta_s": record.outlook.eta_s,
        "aspect_ratio_strategy": asked.strategy,
        "output_quality": asked.quality,
        "start_s": asked.start_s,
        "end_s": asked.end_s,
        "file_size_bytes": result.get("file_size_bytes"),
        "duration_s": result.get("duration_s"),
        "resolution": result.get("resolution"),
        "download_url": link or None,
        "expires_at": iso(expires_ms),
        "expired": expires_ms is not None and left_s <= 0,
        "error": clipped(error["message"], MAX_MESSAGE_CHARS) if error else None,
        "error_code": error.get("code"),
        "warnings": list(result.get("warnings", [])),
        "created_at": iso(record.created_ms),
        "started_at": iso(record.started_ms),
        "completed_at": iso(record.finished_ms),
    }


def _expires_ms(record: JobRecord) -> int | None:
    """Give when the file goes, or went; None where there is none yet."""
    if record.state is not JobState.DONE or record.result is None or record.finished_ms is None:
        return None
    return record.finished_ms + int(record.result["lifetime_s"] * 1_000)
