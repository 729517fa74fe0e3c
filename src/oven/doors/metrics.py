"""What Prometheus asks, and what it is told of answers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from oven.doors.access import Access
from oven.doors.description import TEXT, Answer, Audience, describes

CONTENT_TYPE = "text/plain; version=1.0.0; charset=utf-8"
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsDoor:
    """`GET /metrics`, for the admin and for clients on this machine; `render` gives its text."""

    render: Callable[[], Awaitable[bytes]]
    access: Access

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/metrics", self.get)]

    @describes(
        "What Prometheus asks",
        audience=Audience.ADMIN,
        answers={200: Answer(when="All metrics, in Prometheus' text format.", media={"text/plain": TEXT})},
    )
    async def get(self, request: web.Request) -> web.Response:
        await self.access.require_admin(request)
        return web.Response(body=await self.render(), headers={"Content-Type": CONTENT_TYPE})


def counting(answered: Callable[[int, str], None]) -> Middleware:
    """Count every answer, by its status and a method of the usual ones."""

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        answered(response.status, request.method if request.method in METHODS else "other")
        return response

    return count
