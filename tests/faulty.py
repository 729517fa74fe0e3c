"""A proxy before a real S3 server that fails on command."""

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web
from yarl import URL

from tests.serving import serving

# What a request does instead of reaching the server; None lets it through.
Fault = Callable[[web.Request], "web.StreamResponse | None"]
# Headers of one connection, not of a message.
OF_CONNECTIONS = {"transfer-encoding", "connection", "keep-alive", "content-encoding"}


@dataclass(slots=True)
class FaultyStore:
    """Passes requests on as they are, signatures included.

    The next `faults` happen first, in order, to requests for objects that carry a signature in their headers.
    """

    upstream: str
    base: str = ""
    faults: list[Fault] = field(default_factory=list)
    seen: list[tuple[str, str]] = field(default_factory=list)
    # Added to the size that HEAD tells.
    lie_bytes: int = 0
    # Answers every request, where it is set.
    instead: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.seen.append((request.method, request.raw_path))
        if self.instead is not None:
            return await self.instead(request)
        is_meant = "Authorization" in request.headers and request.path.strip("/").count("/") > 0
        if is_meant and self.faults and (failure := self.faults.pop(0)(request)) is not None:
            return failure
        url = URL(self.upstream + request.raw_path, encoded=True)
        headers = {
            name: value for name, value in request.headers.items() if name.lower() not in OF_CONNECTIONS
        }
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(request.method, url, headers=headers, data=io.BytesIO(body)) as answer,
        ):
            said = await answer.read()
            kept = {
                name: value for name, value in answer.headers.items() if name.lower() not in OF_CONNECTIONS
            }
            if request.method == "HEAD" and "Content-Length" in kept:
                kept["Content-Length"] = str(int(kept["Content-Length"]) + self.lie_bytes)
                return web.Response(status=answer.status, headers=kept)
            kept.pop("Content-Length", None)
            return web.Response(status=answer.status, headers=kept, body=said)


def busy(_: web.Request) -> web.Response:
    """503, as S3 says that it is too much."""
    body = "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
    return web.Response(status=503, text=body, content_type="application/xml")


def reset(request: web.Request) -> web.Response:
    """Break the connection off."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def fine(_: web.Request) -> None:
    """Let it through."""


def _handler(
    use: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Give a plain function, as a router wants it."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return await use(request)

    return handle


@asynccontextmanager
async def faulty_store(
    upstream: str,
    through: Callable[[FaultyStore], Callable[[web.Request], Awaitable[web.StreamResponse]]] | None = None,
) -> AsyncIterator[FaultyStore]:
    """Stand before a store; `through` makes what handles requests instead of the proxy itself."""
    store = FaultyStore(upstream)
    app = web.Application(client_max_size=1 << 28)
    app.router.add_route("*", "/{path:.*}", store.handle if through is None else _handler(through(store)))
    async with serving(app, auto_decompress=False, shutdown_timeout=0.1) as port:
        store.base = f"http://127.0.0.1:{port}"
        yield store
