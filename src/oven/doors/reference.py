"""The API's description, for programs and as a page."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import orjson
from aiohttp import ETag, web

from oven import __version__
from oven.domain.errors import Code, NotFoundError
from oven.doors.description import JSON, TEXT, Answer, Audience, describes
from oven.doors.openapi import document
from oven.doors.ports import Door

# The package that brings the viewer's files; of these the page needs two.
VIEWER = Path(str(files("mkdocs_swagger_ui_tag"))) / "swagger-ui"
ASSETS: Mapping[str, Path] = {
    "swagger-ui.css": VIEWER / "stylesheets" / "swagger-ui.css",
    "swagger-ui-bundle.js": VIEWER / "javascripts" / "swagger-ui-bundle.js",
}
START = "start.js"
STYLE_TYPE, SCRIPT_TYPE = "text/css", "text/javascript"
ASSET_TYPES = {STYLE_TYPE: TEXT, SCRIPT_TYPE: TEXT}
SCRIPT = """\
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#viewer",
  deepLinking: true,
  // Else the document would be shown to somebody else's server.
  validatorUrl: null,
});
"""
PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Oven's API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="viewer"></div>
<noscript>This page needs JavaScript; <a href="openapi.json">openapi.json</a> does not.</noscript>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
# The viewer writes styles into the page, and its pictures into its styles.
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
)
PAGE_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
ASSET_HEADERS = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
NOT_MODIFIED = 304


def described_routes(doors: Sequence[Door], server: str) -> list[web.RouteDef]:
    """Give the routes of all doors, and those that describe them.

    Raises:
        ValueError: a handler does not describe itself.

    """
    routes = [route for door in doors for route in door.routes()]
    return [*routes, *ReferenceDoor(others=routes, server=server).routes()]


@dataclass(slots=True, kw_only=True)
class ReferenceDoor:
    """`GET /openapi.json` and `GET /docs`; `others` are the routes of all other doors.

    `server` is Oven's public address, empty where it is not known.
    """

    others: Sequence[web.RouteDef]
    server: str
    _document: bytes = field(init=False)
    _tag: str = field(init=False)

    def __post_init__(self) -> None:
        described = document([*self.others, *self.routes()], version=__version__, server=self.server)
        self._document = orjson.dumps(described)
        self._tag = hashlib.sha256(self._document).hexdigest()[:32]

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/openapi.json", self.openapi),
            web.get("/docs", self.page),
            web.get("/docs/{file}", self.asset),
        ]

    @describes(
        "This document",
        audience=Audience.PUBLIC,
        answers={
            200: Answer(
                when="OpenAPI 3.1.", media={JSON: {"type": "object"}}, headers={"ETag": "Changes with it."}
            ),
            NOT_MODIFIED: Answer(when="It is as the caller knows it."),
        },
    )
    async def openapi(self, request: web.Request) -> web.Response:
        known = request.if_none_match or ()
        is_known = any(tag.value in {self._tag, "*"} for tag in known)
        response = web.Response(status=NOT_MODIFIED) if is_known else web.Response(body=self._document)
        if not is_known:
            response.content_type = JSON
        response.etag = ETag(self._tag)
        response.headers["Cache-Control"] = "no-cache"
        return response

    @describes(
        "The same as a page for people",
        audience=Audience.PUBLIC,
        answers={200: Answer(when="The page.", media={"text/html": TEXT})},
    )
    async def page(self, _: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html", headers=PAGE_HEADERS)

    @describes(
        "A file of that page",
        audience=Audience.PUBLIC,
        answers={
            200: Answer(when="The file.", media=ASSET_TYPES),
            206: Answer(when="A part of the file.", media=ASSET_TYPES),
            NOT_MODIFIED: Answer(when="The file is as the caller knows it."),
            416: Answer(when="The file has no such part."),
        },
    )
    async def asset(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["file"]
        if name == START:
            return web.Response(text=SCRIPT, content_type=SCRIPT_TYPE, headers=ASSET_HEADERS)
        if name not in ASSETS:
            raise NotFoundError(Code.NOT_FOUND, "there is no such file")
        kind = STYLE_TYPE if name.endswith(".css") else SCRIPT_TYPE
        return web.FileResponse(ASSETS[name], headers={**ASSET_HEADERS, "Content-Type": kind})
