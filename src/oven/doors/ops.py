"""What operators and the site ask: health, status, and the receiver's own later stages."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field, PlainValidator, WithJsonSchema, model_validator
from typing_extensions import TypedDict

from oven.doors.bodies import read_as
from oven.doors.complaints import Complaint, Kind, complain
from oven.doors.description import Answer, Audience, describes
from oven.doors.fields import TEXT_SCHEMA, Asked, is_text
from oven.doors.problems import json_response
from oven.doors.status import ItemJson, SnapshotJson, StatusView


def _code(value: object) -> str:
    if not value or not is_text(value):
        # In these words receivers know it.
        raise complain(Complaint(kind=Kind.VALUE, message="Missing code"))
    return value


def _shown(value: object) -> str | bool | None:
    """Take what can be shown, and nothing in place of all else."""
    return value if is_text(value) or isinstance(value, bool) else None


Shown = Annotated[
    str | bool | None,
    PlainValidator(_shown),
    WithJsonSchema({"description": "Shown as it is, where it is a text or a boolean."}),
]


class Stage(Asked):
    """What a receiver says of its own later work, for display alone."""

    code: Annotated[str, PlainValidator(_code), WithJsonSchema(TEXT_SCHEMA)]
    status: Shown = None
    success: Shown = None
    error: Shown = None

    @model_validator(mode="before")
    @classmethod
    def _refuse_in_one_way(cls, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Let a code that is missing be as wrong as any other."""
        return {"code": None, **body}


class HealthJson(TypedDict):
    """What each check found."""

    status: Literal["healthy", "unhealthy"]
    checks: Annotated[Mapping[str, str], Field(description="`ok`, or the code of what is wrong, by name.")]


class AliveJson(TypedDict):
    """That the daemon answers."""

    status: Literal["alive"]


class NotedJson(TypedDict):
    """That a report was taken."""

    status: Literal["ok"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpsDoor:
    """`/health…`, `/status…`, `/bake-status`, `/bake-complete`; `look` gives what each check finds."""

    view: StatusView
    look: Callable[[], Awaitable[Mapping[str, str]]]

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/health", self.health),
            web.get("/health/live", self.live),
            web.get("/status", self.status),
            web.get("/status/{id}", self.status_of),
            web.post("/bake-status", self.take_stage),
            web.post("/bake-complete", self.take_stage),
        ]

    @describes(
        "Does the daemon answer?",
        audience=Audience.PUBLIC,
        answers={200: Answer(when="Yes; who gets no answer may start it anew.", shape=AliveJson)},
    )
    async def live(self, _: web.Request) -> web.Response:
        """Answer whatever is missing outside: who gets no answer may start the daemon anew."""
        said: AliveJson = {"status": "alive"}
        return json_response(said)

    @describes(
        "Is all well?",
        details="Whether work may be sent here; where it may not, a new start would not help.",
        audience=Audience.PUBLIC,
        answers={
            200: Answer(when="All that jobs need is there.", shape=HealthJson),
            503: Answer(when="Something is missing that jobs need.", shape=HealthJson),
        },
    )
    async def health(self, _: web.Request) -> web.Response:
        """Answer 503 where anything is missing that jobs need: readiness, a new start would not help."""
        checks = await self.look()
        is_well = all(found == "ok" for found in checks.values())
        said: HealthJson = {"status": "healthy" if is_well else "unhealthy", "checks": checks}
        return json_response(said, status=200 if is_well else 503)

    @describes(
        "Look at the state of all bakes",
        audience=Audience.PUBLIC,
        answers={200: Answer(when="What waits, runs, and has ended lately.", shape=SnapshotJson)},
    )
    async def status(self, _: web.Request) -> web.Response:
        return json_response(await self.view.snapshot())

    @describes(
        "Look at the state of one job",
        audience=Audience.PUBLIC,
        answers={200: Answer(when="How far it is.", shape=ItemJson)},
    )
    async def status_of(self, request: web.Request) -> web.Response:
        return json_response(await self.view.one(request.match_info["id"]))

    @describes(
        "Report a receiver's own later work",
        details="For display alone: it changes no job.",
        audience=Audience.PUBLIC,
        body=Stage,
        answers={200: Answer(when="It is noted.", shape=NotedJson)},
    )
    async def take_stage(self, request: web.Request) -> web.Response:
        stage = await read_as(Stage, request)
        self.view.note_stage(stage.code, stage.model_dump(exclude={"code"}, exclude_none=True))
        said: NotedJson = {"status": "ok"}
        return json_response(said)
