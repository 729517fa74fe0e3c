"""The state of all bakes, told as it changes."""

import math
from dataclasses import dataclass, field
from typing import Any

import anyio
import orjson
from aiohttp import web

from oven.domain.errors import Code, ForbiddenError, OvenError
from oven.doors.description import Answer, Audience, describes
from oven.doors.status import StatusView
from oven.doors.watchers import Watchers, cut_off
from oven.pipeline.pulse import Pulse

# However fast things change, and however many look, it is read and told no more often than that.
EVERY_S = 0.5
# Who does not take a message for so long is let go.
SEND_TIMEOUT_S = 5.0
# After a store that did not answer.
AGAIN_S = 1.0
HEARTBEAT_S = 30.0
# Nobody has to say anything here.
MAX_MESSAGE_BYTES = 4_096
GOING_AWAY = 1001
# What changes with the time alone.
RESTLESS = {"uptime", "lastUpdate", "etaS"}


@dataclass(slots=True, kw_only=True)
class LiveDoor:
    """`WS /ws`: a snapshot at once, and another after each change.

    `origins` are hosts whose pages may open it, beside our own; a client that is no browser names none.
    Nothing is queued: who is slow gets the latest when it takes it.
    """

    view: StatusView
    pulse: Pulse
    origins: frozenset[str]
    watchers: Watchers
    sockets: set[web.WebSocketResponse] = field(default_factory=set)
    _lock: anyio.Lock = field(default_factory=anyio.Lock)
    # The beat that was waited for when it was read: a new one stands there once anything has changed.
    _read_at: anyio.Event | None = None
    _read_s: float = -math.inf
    _latest: tuple[str, bytes] = ("", b"")

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/ws", self.open)]

    @describes(
        "Watch the state of all bakes",
        details="A WebSocket: a `SnapshotJson` at once, and another after each change.",
        audience=Audience.PUBLIC,
        answers={101: Answer(when="The socket is open.")},
        refusals={
            400: "This is no handshake.",
            403: "Another site's page asks.",
            503: "Too many are watching.",
        },
    )
    async def open(self, request: web.Request) -> web.StreamResponse:
        self._check_origin(request)
        with self.watchers.one_more():
            return await self._serve(request)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=MAX_MESSAGE_BYTES)
        await socket.prepare(request)
        self.sockets.add(socket)
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._tell, request, socket)
                async for _ in socket:
                    pass
                group.cancel_scope.cancel()
        finally:
            self.sockets.discard(socket)
            if request.transport is not None and request.transport.get_write_buffer_size():
                cut_off(request)
        return socket

    async def close(self) -> None:
        """Tell everybody that we go."""
        for socket in list(self.sockets):
            with anyio.move_on_after(1):
                await socket.close(code=GOING_AWAY)

    def _check_origin(self, request: web.Request) -> None:
        origin = request.headers.get("Origin")
        if origin is None:
            return
        named = origin.partition("://")[2].lower()
        host = named.rpartition(":")[0] or named
        if named != request.host.lower() and not {named, host} & self.origins:
            raise ForbiddenError(
                Code.ORIGIN_REFUSED,
                "pages of this site may not watch here",
                hint="The operator lists the hosts of those that may in OVEN_ORIGINS.",
            )

    async def _tell(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        told = b""
        while True:
            beat = self.pulse.next
            try:
                text, essence = await self._fresh()
            except OvenError:
                # The store does not answer: what is known stands.
                await anyio.sleep(AGAIN_S)
                continue
            if essence != told:
                told = essence
                try:
                    with anyio.fail_after(SEND_TIMEOUT_S):
                        await socket.send_str(text)
                except (ConnectionError, TimeoutError):
                    # It has gone, or takes nothing.
                    cut_off(request)
                    return
            await beat.wait()
            await anyio.sleep(EVERY_S)

    async def _fresh(self) -> tuple[str, bytes]:
        """Give the snapshot as it is, and what of it is worth telling; read once for each change."""
        async with self._lock:
            if self._read_at is not self.pulse.next:
                await anyio.sleep(max(0.0, self._read_s + EVERY_S - anyio.current_time()))
                read_at = self.pulse.next
                snapshot = await self.view.snapshot()
                self._latest = orjson.dumps(snapshot).decode(), orjson.dumps(_at_rest(snapshot))
                self._read_at, self._read_s = read_at, anyio.current_time()
        return self._latest


def _at_rest(value: Any) -> Any:
    """Leave out what changes with the time alone."""
    if isinstance(value, dict):
        return {name: _at_rest(inner) for name, inner in value.items() if name not in RESTLESS}
    return [_at_rest(inner) for inner in value] if isinstance(value, list) else value
