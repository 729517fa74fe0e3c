"""One job, told as it changes: server-sent events."""

from contextlib import suppress
from dataclasses import dataclass

import anyio
import orjson
from aiohttp import web

from oven.domain.caller import Scope
from oven.domain.errors import NotFoundError, TransientError
from oven.domain.job import JobRecord
from oven.doors.access import Access
from oven.doors.description import TEXT, Answer, Audience, Parameter, describes
from oven.doors.job import JobEventJson, event_json
from oven.doors.problems import REQUEST
from oven.doors.watchers import Watchers, cut_off, has_gone
from oven.pipeline.board import Board

# However fast a job moves, it is told no more often than that.
EVERY_S = 0.2
# Proxies close what is silent for long.
HEARTBEAT_S = 15.0
HEARTBEAT = b": still here\n\n"
# Who does not take an event for so long is let go.
SEND_TIMEOUT_S = 5.0
NO_CONTENT = 204
# OpenAPI 3.1 has no words for what stands in the data of an event.
STREAM = {
    **TEXT,
    "description": "Each event has three lines, and an empty one behind them; its data is a `JobEventJson`. "
    "Lines that begin with a colon say only that the stream goes on.",
    "examples": ['id: 42\nevent: job\ndata: {"id": "…", "state": "running", "progress": 0.4375, …}\n\n'],
}
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    # Else nginx would keep events until it has many.
    "X-Accel-Buffering": "no",
}


@dataclass(slots=True, kw_only=True)
class EventsDoor:
    """`GET /v1/jobs/{id}/events`: the job at once, then after each change, until it has ended.

    Each event's id is the job's `seq`; who comes back with it (`Last-Event-ID`) is told how it stands
    by then, and nothing more (204) once the end is known.
    """

    board: Board
    access: Access
    watchers: Watchers

    def routes(self) -> list[web.RouteDef]:
        # Nobody asks for the head of a stream, and what is written of one has to be its body.
        return [web.get("/v1/jobs/{id}/events", self.open, allow_head=False)]

    @describes(
        "Follow a job",
        details="Server-sent events: the job at once, then after each change, until it has ended. "
        "Each is named `job`, its id is the job's `seq`, and its data a `JobEventJson`: "
        "what becomes of its callback is told by `GET /v1/jobs/{id}`.",
        audience=Audience.USER,
        headers=(
            Parameter(name="Last-Event-ID", description="The id of the last event that is known already."),
        ),
        answers={
            200: Answer(when="Events.", shape=JobEventJson, media={"text/event-stream": STREAM}),
            NO_CONTENT: Answer(when="The job has ended, and that is known already."),
        },
        refusals={503: "Too many are watching."},
    )
    async def open(self, request: web.Request) -> web.StreamResponse:
        caller = await self.access.caller(request, Scope.READ)
        job_id, known = request.match_info["id"], request.headers.get("Last-Event-ID", "")
        beat = self.board.pulse.next
        record = await self.board.look(job_id, owner=caller.owner)
        if record.state.is_final and known == str(record.seq):
            return web.Response(status=NO_CONTENT)
        with self.watchers.one_more():
            response = web.StreamResponse(headers={**HEADERS, "X-Request-Id": request[REQUEST]})
            try:
                await response.prepare(request)
                await self._tell(request, response, record, beat)
            except (ConnectionError, TimeoutError):
                # It has gone, or takes nothing.
                cut_off(request)
            except NotFoundError:
                # The job has been forgotten meanwhile: there is no more to tell.
                pass
            return response

    async def _tell(
        self, request: web.Request, response: web.StreamResponse, record: JobRecord, beat: anyio.Event
    ) -> None:
        # The id does not say how far a job was, or in which place, when the client was cut off.
        told: tuple[int, float, str, int | None] | None = None
        heartbeat_s = 0.0
        while not has_gone(request):
            is_news = record.news != told
            if is_news or anyio.current_time() >= heartbeat_s:
                told = record.news
                await _send(response, _event(record) if is_news else HEARTBEAT)
                heartbeat_s = anyio.current_time() + HEARTBEAT_S
            if record.state.is_final:
                return
            with anyio.move_on_at(heartbeat_s):
                # Others' jobs beat, too: a job of which there is no news is told of by heartbeats.
                await beat.wait()
                await anyio.sleep(EVERY_S)
            beat = self.board.pulse.next
            with suppress(TransientError):
                # Where the store does not answer, what is known stands.
                record = await self.board.look(record.id, owner=record.owner)


async def _send(response: web.StreamResponse, data: bytes) -> None:
    with anyio.fail_after(SEND_TIMEOUT_S):
        await response.write(data)


def _event(record: JobRecord) -> bytes:
    return b"id: %d\nevent: job\ndata: %s\n\n" % (record.seq, orjson.dumps(event_json(record)))
