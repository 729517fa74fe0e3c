"""What both APIs' stand-ins have in common: a token, a record of what was asked, and ways to fail."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

# Answers a request in place of its handler, or after it.
Fault = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]
READS = ("GET", "HEAD")


@dataclass(slots=True)
class Asked:
    """Every request as (method, path), and the failures that are still to happen."""

    seen: list[tuple[str, str]] = field(default_factory=list)
    # Method, pattern of the path, what happens, how often.
    faults: list[tuple[str, str, Fault, int]] = field(default_factory=list)

    def fail(self, method: str, path: str, fault: Fault, times: int = 1) -> None:
        """Let the next requests of this kind fail; `path` is a pattern of the whole path."""
        self.faults.append((method, path, fault, times))

    @property
    def changes(self) -> list[tuple[str, str]]:
        return [(method, path) for method, path in self.seen if method not in READS]

    def count(self, method: str, path: str) -> int:
        return sum(1 for one, other in self.seen if one == method and re.fullmatch(path, other))

    def middleware(self, token: str, unknown: Callable[[], web.Response]) -> Any:
        """Note the request, fail where one is due, and let nobody in without the token."""

        @web.middleware
        async def handle(request: web.Request, handler: Handler) -> web.StreamResponse:
            self.seen.append((request.method, request.path))
            for place, (method, path, fault, times) in enumerate(self.faults):
                if method == request.method and re.fullmatch(path, request.path):
                    self.faults[place : place + 1] = [(method, path, fault, times - 1)] if times > 1 else []
                    return await fault(request, handler)
            if request.headers.get("Authorization") != f"Bearer {token}":
                return unknown()
            return await handler(request)

        return handle


def answers(status: int, body: Any, **headers: str) -> Fault:
    """Answer so, in JSON, in place of doing anything."""

    async def fault(_: web.Request, __: Handler) -> web.StreamResponse:
        return web.json_response(body, status=status, headers=headers)

    return fault


def refuses(status: int, name: str, message: str, **headers: str) -> Fault:
    """Refuse as DigitalOcean does."""
    return answers(status, {"id": name, "message": message}, **headers)


def objects(status: int, code: int, message: str) -> Fault:
    """Refuse as Cloudflare does, also with status 200."""
    error = {"code": code, "message": message}
    return answers(status, {"success": False, "errors": [error], "messages": [], "result": None})


async def page(_: web.Request, __: Handler) -> web.StreamResponse:
    """Give a page for people, with status 200, as what stands between may do."""
    return web.Response(text="<html>Sign in to the\x1b[31m network", content_type="text/html")


async def cut(request: web.Request, _: Handler) -> web.StreamResponse:
    """Break off before anything is done."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def lost(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Do what is asked, and break off before it is told."""
    await handler(request)
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
