"""The state of all bakes, as the site and its scripts read it."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from oven import __version__
from oven.domain.instants import iso
from oven.domain.job import ACTIVE, FINAL, JobRecord, JobState
from oven.pipeline.instants import Instant, Milliseconds
from oven.pipeline.service import Service
from oven.pipeline.standing import EtaS, Position, Speed

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


class ItemJson(TypedDict):
    """A bake or a conversion, as the site reads it; the optional members are there once it has ended."""

    jobId: str
    code: Annotated[str | None, Field(description="The tape's, when it has one.")]
    slug: str | None
    mongoId: str | None
    state: JobState
    status: Annotated[
        str, Field(description="The site's word for the state, and while it runs for the phase.")
    ]
    progress: Annotated[float, Field(ge=0, le=1)]
    position: Position
    speed: Speed
    etaS: EtaS
    startTime: Milliseconds
    lastUpdate: Milliseconds
    success: NotRequired[bool]
    completedAt: NotRequired[Milliseconds | None]
    duration: NotRequired[Annotated[int, Field(description="How many milliseconds the job took.")]]
    mp4Url: NotRequired[str | None]
    thumbnailUrl: NotRequired[str | None]
    error: NotRequired[str | None]
    receiver: NotRequired[
        Annotated[Mapping[str, str | bool], Field(description="What the receiver said of its own work.")]
    ]


class ConcurrencyJson(TypedDict):
    """How much is done at once, of all that takes the same slots as bakes."""

    active: int
    max: int
    queueDepth: Annotated[int, Field(description="How many jobs wait, for a slot or for their next try.")]


class SnapshotJson(TypedDict):
    """The state of all bakes."""

    version: str
    serverStartTime: Instant
    uptime: Annotated[float, Field(description="In seconds.")]
    incoming: list[ItemJson]
    active: list[ItemJson]
    recent: list[ItemJson]
    concurrency: ConcurrencyJson
    recentLogs: Annotated[list[str], Field(description="How the latest jobs ended, a line each.")]


@dataclass(slots=True, kw_only=True)
class StatusView:
    """Reads jobs and shows them; `stages` is what receivers said of their own later work, by tape."""

    service: Service
    slots: int
    now_ms: Callable[[], int]
    started_ms: int
    stages: OrderedDict[str, Mapping[str, str | bool]] = field(default_factory=OrderedDict)

    async def snapshot(self) -> SnapshotJson:
        """Give all that waits, runs or has ended lately."""
        service = self.service
        waiting = await service.page(owner=None, states=ACTIVE - {JobState.RUNNING}, kind=KIND, limit=WAITING)
        running = await service.page(owner=None, states=[JobState.RUNNING], kind=KIND, limit=WAITING)
        recent = await service.page(owner=None, states=FINAL, kind=KIND, limit=RECENT)
        lane = service.book[KIND].lane
        counts = await service.jobs.counts(
            kinds=[kind for kind, recipe in service.book.items() if recipe.lane is lane]
        )
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

    async def one(self, job_id: str) -> ItemJson:
        """Give a job that no user owns, which whoever knows its id may see.

        Raises:
            NotFoundError: NOT_FOUND.

        """
        return self.item(await self.service.get(job_id, owner=""))

    def note_stage(self, tape: str, said: Mapping[str, str | bool]) -> None:
        """Remember what a receiver said of a tape; of so many tapes only."""
        self.stages[tape] = said
        self.stages.move_to_end(tape)
        while len(self.stages) > STAGES_KEPT:
            self.stages.popitem(last=False)

    def item(self, record: JobRecord) -> ItemJson:
        echo = record.request.get("echo", {})
        item: ItemJson = {
            "jobId": record.id,
            "code": echo.get("code"),
            "slug": echo.get("slug") or PurePosixPath(record.output_key).stem or None,
            "mongoId": echo.get("mongoId"),
            "state": record.state,
            "status": LATER.get(record.state, SHOWN.get(record.phase, record.phase)),
            "progress": round(record.progress, 4),
            "position": record.outlook.position,
            "speed": record.outlook.speed,
            "etaS": record.outlook.eta_s,
            "startTime": record.started_ms or record.created_ms,
            "lastUpdate": record.finished_ms or self.now_ms(),
        }
        stage = self.stages.get(_name(record))
        if record.state.is_final:
            result = record.result or {}
            item["status"] = "complete" if record.state is JobState.DONE else "error"
            item["success"] = record.state is JobState.DONE
            item["completedAt"] = record.finished_ms
            item["duration"] = (record.finished_ms or 0) - item["startTime"]
            item["mp4Url"] = result.get("videoUrl")
            item["thumbnailUrl"] = result.get("thumbnailUrl")
            item["error"] = (record.error or {}).get("message")
            if stage:
                item["receiver"] = stage
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
