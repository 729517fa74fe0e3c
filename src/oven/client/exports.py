"""Exports by the HTTP API, as methods."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NotRequired, TypedDict, cast
from urllib.parse import quote

from oven.client.answers import JobError
from oven.client.imports import written
from oven.client.transport import Transport

ExportStatus = Literal["queued", "processing", "completed", "failed", "cancelled"]
OperationType = Literal["transcode", "convert", "compress", "watermark", "trim", "thumbnail"]


class Operation(TypedDict):
    """One of the six; its options have the API's names."""

    type: OperationType
    options: NotRequired[Mapping[str, Any]]


class DetailedProgress(TypedDict):
    """How far an export is, and with what; `timemark` is how much of the result is encoded."""

    percent: int
    currentOperation: str | None
    timemark: str
    speed: float | None
    etaS: int | None


class ExportJobStatus(TypedDict):
    """How the job of an export stands; `progress` from 0 to 100."""

    state: Literal["waiting", "active", "delayed", "completed", "failed"]
    progress: int
    position: int | None
    detailedProgress: DetailedProgress


class Export(TypedDict):
    """An export; instants RFC 3339."""

    id: str
    status: ExportStatus
    jobStatus: ExportJobStatus
    videoId: str
    userId: str | None
    createdAt: str
    startedAt: str | None
    finishedAt: str | None
    result: dict[str, Any] | None
    error: JobError | None


class ExportLink(TypedDict):
    """A picture of a result, at `time` seconds of it; `size` in bytes."""

    url: str
    time: float
    size: int


class ExportLinks(TypedDict):
    """Addresses of what was made, good for an hour; `url` is the film's, else the first picture's."""

    url: str
    expiresAt: str
    filename: str
    size: int
    thumbnails: list[ExportLink]


@dataclass(slots=True)
class Exports:
    """What may be done with exports."""

    transport: Transport

    def create(
        self,
        video_id: str | uuid.UUID,
        operations: Sequence[Operation],
        *,
        callback_url: str | None = None,
        callback_secret: str | None = None,
        progress_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> str:
        """Have something made of a video → the export's id, which is its job's.

        Args:
            video_id: an asset, a video that is READY.
            operations: what is to become of it.
            callback_url: where the end is told.
            callback_secret: what signs that.
            progress_url: where progress is posted.
            idempotency_key: the caller's own; asked for again, it is the same export.

        Raises:
            OvenError: OPERATION_INVALID with `errors`, NOT_FOUND, ASSET_CONFLICT and others; nothing was
                accepted.
            UnreachableError: nobody answered; whether it was accepted the same key tells.

        """
        said = self.transport.ask(
            "POST",
            "/api/exports",
            body={
                **_order(video_id, operations),
                **written(
                    {
                        "callback_url": callback_url,
                        "callback_secret": callback_secret,
                        "progress_url": progress_url,
                    }
                ),
            },
            key=idempotency_key or str(uuid.uuid4()),
        )
        return str(said["id"])

    def dry_run(self, video_id: str | uuid.UUID, operations: Sequence[Operation]) -> dict[str, Any]:
        """Tell what would be done, and start nothing → `passes`, `output`, `thumbnails`, `predicted` ….

        Raises:
            OvenError: as of `create`.

        """
        body = _order(video_id, operations)
        said = self.transport.ask(
            "POST", "/api/exports", query={"dryRun": "true"}, body=body, is_repeatable=True
        )
        return dict(said)

    def status(self, export_id: str) -> Export:
        """Look at an export.

        Raises:
            OvenError: NOT_FOUND, there is none, or it is another's.

        """
        return cast("Export", self.transport.ask("GET", _path(export_id)))

    def links(self, export_id: str) -> ExportLinks:
        """Give links to what an export has made, for `Oven.download`, or for anybody.

        Raises:
            OvenError: JOB_CONFLICT, it is not completed; NOT_FOUND.

        """
        return cast("ExportLinks", self.transport.ask("GET", f"{_path(export_id)}/download"))

    def cancel(self, export_id: str) -> Export:
        """End an export now, queued or running.

        Raises:
            OvenError: JOB_CONFLICT, it has ended already; NOT_FOUND.

        """
        return cast("Export", self.transport.ask("DELETE", _path(export_id)))


def _order(video_id: str | uuid.UUID, operations: Sequence[Operation]) -> dict[str, Any]:
    return {"videoId": str(video_id), "operations": list(operations)}


def _path(export_id: str) -> str:
    return f"/api/exports/{quote(export_id, safe='', errors='replace')}"
