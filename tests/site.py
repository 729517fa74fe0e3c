"""A site on loopback as Oven's callers are: it holds tapes and takes callbacks."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from aiohttp import web

from tests.serving import serving


@dataclass(slots=True)
class Received:
    """One callback as it came."""

    headers: dict[str, str]
    body: bytes
    path: str


@dataclass(slots=True)
class Site:
    """Serves `files` by path; answers callbacks with the `answers` in order, then with 200."""

    base: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    answers: list[Callable[[], web.Response]] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    arrived: anyio.Event = field(default_factory=anyio.Event)
    # Where set, answers are only given after it.
    hold: anyio.Event | None = None

    async def get(self, request: web.Request) -> web.Response:
        self.fetched.append(request.raw_path)
        data = self.files.get(request.path)
        return web.Response(status=404) if data is None else web.Response(body=data)

    async def post(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.received.append(Received(headers=dict(request.headers), body=body, path=request.raw_path))
        self.arrived.set()
        self.arrived = anyio.Event()
        if self.hold is not None:
            await self.hold.wait()
        return self.answers.pop(0)() if self.answers else web.Response()

    async def wait_for(self, count: int, *, timeout_s: float = 40) -> list[Received]:
        """Wait until so many callbacks have come."""
        with anyio.fail_after(timeout_s):
            while len(self.received) < count:
                await self.arrived.wait()
        return self.received

    def ask(self, name: str = "tape", **changes: object) -> dict[str, object]:
        """Give the body of a bake of `/NAME.zip`."""
        body: dict[str, object] = {
            "mongoId": f"id-{name}",
            "slug": name,
            "zipUrl": f"{self.base}/{name}.zip",
            "callbackUrl": f"{self.base}/done?for={name}",
            "callbackSecret": "a secret that the site knows",
        }
        return {key: value for key, value in (body | changes).items() if value is not ...}


@asynccontextmanager
async def running_site(host: str = "127.0.0.1") -> AsyncIterator[Site]:
    site = Site()
    app = web.Application(client_max_size=1 << 24)
    app.router.add_get("/{path:.*}", site.get)
    app.router.add_post("/{path:.*}", site.post)
    async with serving(app, host=host) as port:
        site.base = f"http://{host}:{port}"
        yield site
