"""A host of tapes that answers each request as it was told to."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from aiohttp import web

from tests.serving import serving

# Answers one request for a tape, given its bytes.
Way = Callable[[web.Request, bytes], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Origin:
    """Serves one tape under every name; `ways` of a path happen in order, the last one ever after."""

    tape: bytes
    base: str = ""
    ways: dict[str, Sequence[Way]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        ways = self.ways.get(request.path, [fine])
        way = ways[min(self.counts[request.path], len(ways) - 1)]
        self.counts[request.path] += 1
        return await way(request, self.tape)

    async def asked(self, path: str, count: int = 1) -> None:
        """Wait until a tape has been asked for so often."""
        with anyio.fail_after(30):
            while self.counts[path] < count:
                await anyio.sleep(0.01)


async def fine(_: web.Request, tape: bytes) -> web.StreamResponse:
    """Give all of it."""
    return web.Response(body=tape)


def status(code: int) -> Way:
    """Refuse."""

    async def answer(_: web.Request, __: bytes) -> web.StreamResponse:
        return web.Response(status=code)

    return answer


async def page(_: web.Request, __: bytes) -> web.StreamResponse:
    """Give a page for people, as hosts do that would rather not say no."""
    return web.Response(text="<!doctype html><p>Please sign in.", content_type="text/html")


async def truncated(request: web.Request, tape: bytes) -> web.StreamResponse:
    """Promise all, give half, and close the connection properly."""
    return await _half(request, tape, lambda transport: transport.close())


async def broken(request: web.Request, tape: bytes) -> web.StreamResponse:
    """Promise all, give half, and reset the connection."""
    return await _half(request, tape, lambda transport: transport.abort())


async def hanging(_: web.Request, __: bytes) -> web.StreamResponse:
    """Say nothing, for as long as the other side waits."""
    await anyio.sleep_forever()
    raise AssertionError


def trickling(*gates: anyio.Event) -> Way:
    """Give as many parts as there are gates, each once its gate is open."""

    async def answer(request: web.Request, tape: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(tape))})
        await response.prepare(request)
        size = -(-len(tape) // len(gates))
        for number, gate in enumerate(gates):
            await gate.wait()
            await response.write(tape[number * size : (number + 1) * size])
        return response

    return answer


async def _half(
    request: web.Request, tape: bytes, end: Callable[[asyncio.Transport], None]
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": str(len(tape))})
    await response.prepare(request)
    await response.write(tape[: len(tape) // 2])
    assert request.transport is not None
    end(request.transport)
    return response


async def _taken(_: web.Request) -> web.StreamResponse:
    """Take a callback that nobody asks for."""
    return web.Response()


@asynccontextmanager
async def running_origin(tape: bytes) -> AsyncIterator[Origin]:
    """Listen on a free port; callbacks are taken, too."""
    origin = Origin(tape)
    app = web.Application()
    app.router.add_get("/{path:.*}", origin.handle)
    app.router.add_post("/{path:.*}", _taken)
    # Whoever has hung up is not waited for.
    async with serving(app, handler_cancellation=True, shutdown_timeout=0.1) as port:
        origin.base = f"http://127.0.0.1:{port}"
        yield origin
