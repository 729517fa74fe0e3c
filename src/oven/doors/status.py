"""The state of all bakes, as the site and its scripts read it."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from oven import __version__
from oven.domain.job import ACTIVE, FINAL, JobRecord, JobState
from oven.doors.instants import iso
from oven.pipeline.service import Service

KIND = "bake"
WAITING = 100
RECENT = 20
# Receivers' words are for display only; of so many tapes they are remembered.
STAGES_KEPT = 100
# The words that the site has for phases.
SHOWN = {
    "": "downloading",
    "fetch": "downloading",
    "unpack": "extracting",
    "inspect": "processing",
    "encode": "processing",
    "verify": "processing",
    "publish": "uploading",
}
LATER = {JobState.QUEUED: "queued", JobState.RETRYING: "retrying", JobState.DONE: "complete"}


@dataclass(slots=True, kw_only=True)
class StatusView:
    """Reads jobs and shows them; `stages` is what receivers said of their own later work, by tape."""

    service: Service
    slots: int
    now_ms: Callable[[], int]
    started_ms: int
    stages: OrderedDict[str, Mapping[str, Any]] = field(default_factory=OrderedDict)

    async def snapshot(self) -> dict[str, Any]:
        """Give all that waits, runs or has ended lately."""
        service = self.service
        waiting = await service.page(owner=None, states=ACTIVE - {JobState.RUNNING}, kind=KIND, limit=WAITING)
        running = await service.page(owner=None, states=[JobState.RUNNING], kind=KIND, limit=WAITING)
        recent = await service.page(owner=None, states=FINAL, kind=KIND, limit=RECENT)
        counts = await service.jobs.counts()
        return {
            "version": __version__,
            "serverStartTime": iso(self.started_ms),
            "uptime": (self.now_ms() - self.started_ms) / 1000,
            "incoming": [self.item(record) for record in reversed(waiting)],
            "active": [self.item(record) for record in reversed(running)],
            "recent": [self.item(record) for record in recent],
            "concurrency": {
                "active": counts.get(JobState.RUNNING, 0),
                "max": self.slots,
                "queueDepth": counts.get(JobState.QUEUED, 0) + counts.get(JobState.RETRYING, 0),
            },
            "recentLogs": [_line(record) for record in recent],
        }

    async def one(self, job_id: str) -> dict[str, Any]:
        """Give a job that no user owns, which whoever knows its id may see.

        Raises:
            NotFoundError: NOT_FOUND.

        """
        return self.item(await self.service.get(job_id, owner=""))

    def note_stage(self, tape: str, said: Mapping[str, Any]) -> None:
        """Remember what a receiver said of a tape; of so many tapes only."""
        self.stages[tape] = said
        self.stages.move_to_end(tape)
        while len(self.stages) > STAGES_KEPT:
            self.stages.popitem(last=False)

    def item(self, record: JobRecord) -> dict[str, Any]:
        echo = record.request.get("echo", {})
        item: dict[str, Any] = {
            "jobId": record.id,
            "code": echo.get("code"),
            "slug": echo.get("slug") or PurePosixPath(record.output_key).stem or None,
            "mongoId": echo.get("mongoId"),
            "state": record.state,
            "status": LATER.get(record.state, SHOWN.get(record.phase, record.phase)),
            "progress": round(record.progress, 4),
            "startTime": record.started_ms or record.created_ms,
            "lastUpdate": record.finished_ms or self.now_ms(),
        }
        stage = self.stages.get(_name(record))
        if record.state.is_final:
            result = record.result or {}
            item |= {
                "status": "complete" if record.state is JobState.DONE else "error",
                "success": record.state is JobState.DONE,
                "completedAt": record.finished_ms,
                "duration": (record.finished_ms or 0) - item["startTime"],
                "mp4Url": result.get("videoUrl"),
                "thumbnailUrl": result.get("thumbnailUrl"),
                "error": (record.error or {}).get("message"),
                **({"receiver": stage} if stage else {}),
            }
        return item


def _name(record: JobRecord) -> str:
    """Give the name of a job's tape."""
    echo = record.request.get("echo", {})
    return str(echo.get("code") or echo.get("slug"))


def _line(record: JobRecord) -> str:
    """Say in a line how a job ended."""
    ended = f"{iso(record.finished_ms)} {_name(record)}: {record.state}"
    if record.error is None:
        seconds = ((record.finished_ms or 0) - (record.started_ms or record.created_ms)) / 1000
        return f"{ended} in {seconds:.1f} s"
    return f"{ended}, {record.error['message']} [{record.error['code']}]"
