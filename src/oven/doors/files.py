"""Finished files of the local store, with Range."""

import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import anyio
from aiohttp import web

from oven.domain.errors import BadInputError, Code, NotFoundError, OvenError
from oven.doors.description import FILE, Answer, Audience, Parameter, describes

CACHE_CONTROL = "public, max-age=3600"
PRIVATE = "private, no-store"
# What jobs make.
RESULTS = {"video/mp4": FILE, "image/jpeg": FILE}
PART_HEADERS = {"Content-Range": "Which bytes these are, of how many."}
# What stands in the query of a signed link.
LINK = tuple(
    Parameter(name=name, description=f"Of a signed link: {said}.")
    for name, said in {
        "bucket": "where the file is kept",
        "filename": "what it is to be called",
        "expires": "until when it is good, in seconds since 1970",
        "signature": "that it is ours",
    }.items()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesDoor:
    """`GET /files/{key}`: public objects, and private ones by a signed link.

    `locate` gives a public key's path, whatever is there; `open_link` that of a key and a link's query.
    """

    locate: Callable[[str], Path]
    open_link: Callable[[str, Mapping[str, str]], Path]

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/files/{key:.+}", self.get)]

    @describes(
        "Get a result that is kept on this machine",
        details="Public ones for everybody, private ones by a signed link; a key may have several segments.",
        audience=Audience.PUBLIC,
        query=LINK,
        headers=(Parameter(name="Range", description="Which bytes to send, such as `bytes=0-1023`."),),
        answers={
            200: Answer(when="The file.", media=RESULTS, headers={"ETag": "Changes with the file."}),
            206: Answer(when="A part of the file.", media=RESULTS, headers=PART_HEADERS),
            304: Answer(when="The file is as the caller knows it."),
            416: Answer(when="The file has no such part.", headers=PART_HEADERS),
        },
        refusals={
            400: "A date in the headers is none.",
            404: "There is no such file, or the link is not good.",
        },
    )
    async def get(self, request: web.Request) -> web.StreamResponse:
        missing = NotFoundError(Code.NOT_FOUND, "there is no such file")
        _check_dates(request)
        key = request.match_info["key"]
        # What is still being written is called .NAME.….part.
        if any(part.startswith(".") for part in key.split("/")):
            raise missing
        try:
            is_link = "signature" in request.query
            path = self.open_link(key, request.query) if is_link else self.locate(key)
        except OvenError as error:
            raise missing from error
        if not await anyio.to_thread.run_sync(_is_plain_file, path):
            raise missing
        headers = {
            "Cache-Control": PRIVATE if is_link else CACHE_CONTROL,
            "X-Content-Type-Options": "nosniff",
        }
        if name := request.query.get("filename", "") if is_link else "":
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
        return web.FileResponse(path, headers=headers)


def _check_dates(request: web.Request) -> None:
    """Read the dates of a conditional request now: the framework would stumble over them later.

    Raises:
        BadInputError: FIELD_INVALID.

    """
    for name in ("if_modified_since", "if_unmodified_since", "if_range"):
        try:
            getattr(request, name)
        except (OverflowError, ValueError) as error:
            header = name.replace("_", "-").title()
            raise BadInputError(Code.FIELD_INVALID, f"{header} is no date") from error


def _is_plain_file(path: Path) -> bool:
    """Whether a file stands there itself, and no link that may lead anywhere."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False
