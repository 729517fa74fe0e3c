"""What operators and the site ask: health, status, and the receiver's own later stages."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from oven.doors.bodies import is_text, read_object
from oven.doors.problems import FieldsError, json_response
from oven.doors.status import StatusView

# What a receiver's report may hold for display.
SHOWN = {"status", "success", "error"}


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

    async def live(self, _: web.Request) -> web.Response:
        """Answer whatever is missing outside: who gets no answer may start the daemon anew."""
        return json_response({"status": "alive"})

    async def health(self, _: web.Request) -> web.Response:
        """Answer 503 where anything is missing that jobs need: readiness, a new start would not help."""
        checks = await self.look()
        is_well = all(found == "ok" for found in checks.values())
        state = "healthy" if is_well else "unhealthy"
        return json_response({"status": state, "checks": checks}, status=200 if is_well else 503)

    async def status(self, _: web.Request) -> web.Response:
        return json_response(await self.view.snapshot())

    async def status_of(self, request: web.Request) -> web.Response:
        return json_response(await self.view.one(request.match_info["id"]))

    async def take_stage(self, request: web.Request) -> web.Response:
        body = await read_object(request)
        code = body.get("code")
        if not code or not is_text(code):
            # In these words receivers know it.
            raise FieldsError([("/code", "Missing code")])
        said = {name: value for name, value in body.items() if name in SHOWN}
        self.view.note_stage(
            code, {name: value for name, value in said.items() if is_text(value) or isinstance(value, bool)}
        )
        return json_response({"status": "ok"})
