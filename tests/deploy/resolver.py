"""DNS over HTTPS, in JSON: what the world sees of the records at Cloudflare."""

from dataclasses import dataclass, field

from aiohttp import web

from tests.deploy.cloudflare import Cloudflare

NO_ERROR, NO_SUCH_NAME, TYPE_A = 0, 3, 1


@dataclass(slots=True)
class Resolver:
    """Answers from the records; `edge` is what it says of a proxied one."""

    cloudflare: Cloudflare
    edge: str
    # How many more times a name is not seen yet.
    late: int = 0
    is_broken: bool = False
    seen: list[str] = field(default_factory=list)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/dns-query", self.answer)
        return app

    async def answer(self, request: web.Request) -> web.StreamResponse:
        assert request.headers["Accept"] == "application/dns-json"
        assert request.query["type"] == "A"
        name = request.query["name"]
        self.seen.append(name)
        if self.is_broken:
            return web.json_response({"error": "Internal"}, status=500)
        contents = [
            self.edge if is_proxied else content
            for kind, content, is_proxied in self.cloudflare.at(name)
            if kind == "A"
        ]
        if self.late > 0:
            self.late, contents = self.late - 1, []
        body = {
            "Status": NO_ERROR if contents else NO_SUCH_NAME,
            "Question": [{"name": name, "type": TYPE_A}],
        }
        if contents:
            body["Answer"] = [
                {"name": name, "type": TYPE_A, "TTL": 300, "data": content} for content in contents
            ]
        return web.json_response(body, content_type="application/dns-json")
