"""Servers that answer the client as they were told to."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio.to_thread
from aiohttp import web

from oven.client import Oven
from oven.client.place import place_of
from oven.client.transport import Transport
from tests.serving import serving

OURS = {"X-Request-Id": "1"}
Way = Callable[[web.Request], web.StreamResponse]


@dataclass(slots=True)
class Server:
    """Answers in the ways it was given, in order, the last one ever after; knows what it was asked."""

    ways: Sequence[Way]
    base: str = ""
    asked: list[web.Request] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        self.asked.append(request)
        return self.ways[min(len(self.asked), len(self.ways)) - 1](request)

    def transport(self, **options: Any) -> Transport:
        return Transport(place=place_of(self.base), **options)

    async def ask(self, method: str = "GET", *, key: str = "", **options: Any) -> Any:
        """Ask for /x in a thread, as a synchronous caller does."""
        transport = self.transport(**options)
        return await anyio.to_thread.run_sync(lambda: transport.ask(method, "/x", key=key))

    def oven(self) -> Oven:
        return Oven(self.base, timeout_s=20)


def fine(_: web.Request) -> web.Response:
    """Answer as an Oven."""
    return web.json_response({"fine": True}, headers=OURS)


def gone(request: web.Request) -> web.Response:
    """Close the connection without a word."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def problem(status: int, code: str, *, retryable: bool = False, **headers: str) -> Way:
    """Refuse as an Oven does."""
    said = {"code": code, "error": "why not", "retryable": retryable, "hint": "do this"}

    def answer(_: web.Request) -> web.Response:
        written = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.json_response(said, status=status, headers={**OURS, **written})

    return answer


def page(status: int) -> Way:
    """Answer as something else does."""
    return lambda _: web.Response(text="<h1>hello</h1>", status=status, content_type="text/html")


@asynccontextmanager
async def answering(*ways: Way) -> AsyncIterator[Server]:
    server = Server(ways)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    async with serving(app, shutdown_timeout=0.1) as port:
        server.base = f"http://127.0.0.1:{port}"
        yield server
