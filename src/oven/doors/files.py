"""Finished files of the local store, with Range."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import anyio
from aiohttp import web

from oven.domain.errors import Code, NotFoundError, OvenError

CACHE_CONTROL = "public, max-age=3600"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesDoor:
    """`GET /files/{key}`; `locate` gives a key's path, whatever is there."""

    locate: Callable[[str], Path]

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/files/{key:.+}", self.get)]

    async def get(self, request: web.Request) -> web.StreamResponse:
        missing = NotFoundError(Code.NOT_FOUND, "there is no such file")
        key = request.match_info["key"]
        # What is still being written is called .NAME.….part.
        if any(part.startswith(".") for part in key.split("/")):
            raise missing
        try:
            path = self.locate(key)
        except OvenError as error:
            raise missing from error
        if not await anyio.Path(path).is_file():
            raise missing
        headers = {"Cache-Control": CACHE_CONTROL, "X-Content-Type-Options": "nosniff"}
        return web.FileResponse(path, headers=headers)
