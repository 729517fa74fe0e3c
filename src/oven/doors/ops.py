"""What operators and the site look at: health, status, and the receiver's own later stages."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from oven import __version__
from oven.domain.job import ACTIVE, FINAL, JobRecord, JobState
from oven.doors.bodies import is_text, read_object
from oven.doors.instants import iso
from oven.doors.problems import json_response
from oven.pipeline.service import Service

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
class OpsDoor:
    """`/health`, `/status`, `/bake-status`, `/bake-complete`; `look` gives what each check finds."""

    service: Service
    slots: int
    now_ms: Callable[[], int]
    look: Callable[[], Awaitable[Mapping[str, str]]]
    started_ms: int
    stages: OrderedDict[str, Mapping[str, Any]] = field(default_factory=OrderedDict)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/health", self.health),
            web.get("/status", self.status),
            web.get("/status/{id}", self.status_of),
            web.post("/bake-status", self.take_stage),
            web.post("/bake-complete", self.take_stage),
        ]

    async def health(self, _: web.Request) -> web.Response:
        """Answer 503 where anything is missing that jobs need."""
        checks = await self.look()
        is_well = all(found == "ok" for found in checks.values())
        state = "healthy" if is_well else "unhealthy"
        return json_response({"status": state, "checks": checks}, status=200 if is_well else 503)

    async def status(self, _: web.Request) -> web.Response:
        service = self.service
        waiting = await service.page(states=ACTIVE - {JobState.RUNNING}, kind="bake", limit=100)
        running = await service.page(states=[JobState.RUNNING], kind="bake", limit=100)
        recent = await service.page(states=FINAL, kind="bake", limit=RECENT)
        counts = await service.jobs.counts()
        return json_response(
            {
                "version": __version__,
                "serverStartTime": iso(self.started_ms),
                "uptime": (self.now_ms() - self.started_ms) / 1000,
                "incoming": [self._item(record) for record in reversed(waiting)],
                "active": [self._item(record) for record in reversed(running)],
                "recent": [self._item(record) for record in recent],
                "concurrency": {
                    "active": counts.get(JobState.RUNNING, 0),
                    "max": self.slots,
                    "queueDepth": counts.get(JobState.QUEUED, 0) + counts.get(JobState.RETRYING, 0),
                },
            }
        )

    async def status_of(self, request: web.Request) -> web.Response:
        return json_response(self._item(await self.service.get(request.match_info["id"])))

    async def take_stage(self, request: web.Request) -> web.Response:
        body = await read_object(request)
        code = body.get("code")
        if not code or not is_text(code):
            return json_response({"error": "Missing code"}, status=400)
        shown = {name: value for name, value in body.items() if name in {"status", "success", "error"}}
        self.stages[code] = {
            name: value for name, value in shown.items() if is_text(value) or isinstance(value, bool)
        }
        self.stages.move_to_end(code)
        while len(self.stages) > STAGES_KEPT:
            self.stages.popitem(last=False)
        return json_response({"status": "ok"})

    def _item(self, record: JobRecord) -> dict[str, Any]:
        echo = record.request.get("echo", {})
        item: dict[str, Any] = {
            "jobId": record.id,
            "code": echo.get("code"),
            "slug": echo.get("slug"),
            "mongoId": echo.get("mongoId"),
            "state": record.state,
            "status": LATER.get(record.state, SHOWN.get(record.phase, record.phase)),
            "progress": round(record.progress, 4),
            "startTime": record.started_ms or record.created_ms,
            "lastUpdate": record.finished_ms or self.now_ms(),
        }
        stage = self.stages.get(str(echo.get("code") or echo.get("slug")))
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
