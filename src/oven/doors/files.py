"""Finished files of the local store, with Range; and parts of those that clients send there."""

import stat
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

import anyio
from aiohttp import web
from aiohttp.web_protocol import RequestPayloadError

from oven.domain.errors import BadInputError, Code, NotFoundError, OvenError, TooLargeError
from oven.domain.parts import MAX_PART_BYTES
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
# What stands in the query of a link that a part is put to.
PART_LINK = tuple(
    Parameter(name=name, description=said, is_required=name != "size")
    for name, said in {
        "bucket": "Where the file will be kept.",
        "upload": "Which upload it is.",
        "part": "Which of its parts, counted from 1.",
        "size": "How many bytes it has, neither more nor fewer.",
        "expires": "Until when the link is good, in seconds since 1970.",
        "signature": "That it is ours.",
    }.items()
)
CHUNK_BYTES = 1_048_576
# A sender that says nothing for so long is gone; nor does a part take longer than an hour.
IDLE_S = 30.0
PART_TIMEOUT_S = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesDoor:
    """`GET /files/{key}`: public objects, and private ones by a signed link; `PUT`: parts, by such a link.

    `locate` gives a public key's path, whatever is there; `open_link` that of a key and a link's query.
    `take_part` takes a part's bytes → its tag.
    """

    locate: Callable[[str], Path]
    open_link: Callable[[str, Mapping[str, str]], Path]
    take_part: Callable[[str, Mapping[str, str], AsyncIterator[bytes]], Awaitable[str]]

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/files/{key:.+}", self.get), web.put("/files/{key:.+}", self.put)]

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
            # It looks at the disk.
            find = partial(self.open_link, key, request.query) if is_link else partial(self.locate, key)
            path = await anyio.to_thread.run_sync(find)
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

    @describes(
        "Send a part of a file that is to be kept on this machine",
        details="To a link that an upload was begun with; again replaces it.",
        audience=Audience.PUBLIC,
        query=PART_LINK,
        takes={"application/octet-stream": FILE},
        answers={200: Answer(when="The part is here.", headers={"ETag": "Changes with the part."})},
        refusals={
            400: "The part broke off, or has fewer bytes than its link is for.",
            404: "The link is not good, or the upload is over.",
            413: f"The part has more than {MAX_PART_BYTES:,} bytes, or than its link is for.",
            415: "The part is compressed.",
            503: "The disk is full.",
        },
    )
    async def put(self, request: web.Request) -> web.Response:
        if (request.content_length or 0) > MAX_PART_BYTES:
            text = f"the part has more than {MAX_PART_BYTES:,} bytes, which is the limit"
            raise TooLargeError(Code.UPLOAD_TOO_LARGE, text)
        try:
            with anyio.fail_after(PART_TIMEOUT_S):
                tag = await self.take_part(request.match_info["key"], request.query, _chunks(request))
        except TimeoutError as error:
            text = f"the part did not come within {PART_TIMEOUT_S:g} s"
            raise BadInputError(Code.BODY_INVALID, text) from error
        return web.Response(headers={"ETag": f'"{tag}"'})


async def _chunks(request: web.Request) -> AsyncIterator[bytes]:
    """Give a body as it comes, of any size.

    Raises:
        BadInputError: BODY_INVALID.

    """
    while True:
        try:
            with anyio.fail_after(IDLE_S):
                chunk = await request.content.read(CHUNK_BYTES)
        except TimeoutError as error:
            text = f"nothing more of the body came within {IDLE_S:g} s"
            raise BadInputError(Code.BODY_INVALID, text) from error
        except (RequestPayloadError, ConnectionError) as error:
            raise BadInputError(Code.BODY_INVALID, "the body broke off", detail=str(error)) from error
        if not chunk:
            return
        yield chunk


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
