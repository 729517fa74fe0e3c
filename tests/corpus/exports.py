"""Exports that are refused at once: what no video could become."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from oven.domain.errors import Code
from tests.corpus.case import BadRequest
from tests.corpus.requests import AS_ADMIN, BLOCKED, EXPORTS, NO_URLS, OUTSIDE

VIDEO = "550e8400-e29b-41d4-a716-446655440000"
LOGO = "https://tapes.example/logo.png"
TRIM: dict[str, Any] = {"type": "trim", "options": {}}
STILL: dict[str, Any] = {"type": "thumbnail", "options": {"timestamps": [1]}}
# Options that cannot be, of each operation; each alone, beside those that it needs.
NEEDED: Mapping[str, Mapping[str, Any]] = {"watermark": {"image": LOGO}, "thumbnail": {"timestamps": [1]}}
NO_MOMENTS: Sequence[Any] = (
    -1,
    86_401,
    True,
    "",
    "x",
    "-1",
    "101%",
    "1:2:3:4",
    "1:60",
    "1e3",
    "\u0661",
    [1],
    {},
)
WRONG: Mapping[tuple[str, str], Sequence[Any]] = {
    ("transcode", "codec"): ("libx264", "h.264", "", 264, ["h264"], "h264; rm -rf /", "copy\0"),
    ("transcode", "bitrate"): (0, -1, True, "1000kb", "fast", "1e6", "999999M", 1e300, "0x10", " 1000k"),
    ("transcode", "crf"): (-1, 64, "23", True, [], 1e300),
    ("transcode", "resolution"): (
        "0x0",
        "1x1",
        "1920",
        "1920x",
        720,
        "99999x99999",
        "720P60",
        "-720p",
        "iw:ih",
    ),
    ("transcode", "resize"): ("crop", 1),
    ("transcode", "preset"): ("veryslow", "placebo", 5, "fast -vf x"),
    ("transcode", "audioCodec"): ("libfdk_aac", "pcm", 1),
    ("transcode", "audioBitrate"): (1, "10M", "quiet"),
    ("transcode", "audio_codec"): ("aac",),
    ("transcode", "-vf"): ("movie=/etc/passwd",),
    ("convert", "format"): ("exe", "mp4/../x", ".mp4", "hls", 4),
    ("convert", "videoCodec"): ("xvid", {}),
    ("convert", "codec"): ("h264",),
    ("compress", "crf"): (64, "low"),
    ("compress", "bitrate"): ("lots",),
    ("compress", "quality"): ("best", 3),
    ("compress", "targetSize"): (0, -1, "25", "25XB", "MB", 1e300, True, "9" * 30),
    ("watermark", "image"): (None, "", "logo.png", "/etc/passwd", 1, [LOGO], VIDEO[:-1]),
    ("watermark", "position"): ("middle", "0:0", "W-w-10", 3),
    ("watermark", "opacity"): (0, -0.1, 1.1, "0.5", True),
    ("watermark", "scale"): (0, 2, "10%"),
    ("watermark", "margin"): (-1, 4_097, 1.5, "10"),
    ("trim", "start"): NO_MOMENTS,
    ("trim", "end"): NO_MOMENTS,
    ("trim", "duration"): NO_MOMENTS,
    ("trim", "mode"): ("fast", 0),
    ("trim", "from"): (1,),
    ("thumbnail", "timestamps"): (None, [], "50%", 1, [1] * 21, [None], [[1]], ["50%", "x"]),
    ("thumbnail", "size"): ("320", "0x0", "320x", 320, "320x240x2"),
    ("thumbnail", "format"): ("gif", "svg", 1),
}
# What is no list of operations, and operations that are none.
NO_LISTS: Mapping[str, Any] = {
    "missing": ...,
    "null": None,
    "none": [],
    "an object": TRIM,
    "a text": "trim",
    "21": [STILL] * 21,
    "a text in it": ["trim"],
    "null in it": [None],
    "a list in it": [[TRIM]],
    "no type": [{"options": {}}],
    "a type that is none": [{"type": "blur"}],
    "a type in capitals": [{"type": "TRIM"}],
    "a list for a type": [{"type": ["trim"]}],
    "options beside the type": [{"type": "trim", "start": 1}],
    "options in a list": [{"type": "trim", "options": [1]}],
    "options in words": [{"type": "trim", "options": "start=1"}],
}


def cases() -> Iterator[BadRequest]:
    """Give every bad request."""
    yield from _lists()
    yield from _options()
    yield from _marks()
    yield from _videos()
    yield from _queries()


def _bad(
    name: str, code: Code, *, status: int = 400, says: str = "", query: str = "", **change: Any
) -> BadRequest:
    asked = {"videoId": VIDEO, "operations": [TRIM], **change}
    return BadRequest(
        name=f"{EXPORTS}{query}: {name}",
        code=code,
        status=status,
        path=f"{EXPORTS}{query}",
        body=json.dumps({field: value for field, value in asked.items() if value is not ...}).encode(),
        headers=AS_ADMIN,
        says=says,
    )


def _lists() -> Iterator[BadRequest]:
    for name, operations in NO_LISTS.items():
        code = Code.FIELD_INVALID if operations is ... else Code.OPERATION_INVALID
        yield _bad(f"operations, {name}", code, says="operation", operations=operations)


def _options() -> Iterator[BadRequest]:
    for (kind, option), values in WRONG.items():
        for value in values:
            asked = {"type": kind, "options": {**NEEDED.get(kind, {}), option: value}}
            yield _bad(
                f"{kind}, {option} {str(value)[:20]!r}",
                Code.OPERATION_INVALID,
                says=f"operation 1 ({kind}): {option}",
                operations=[STILL, asked],
            )


def _marks() -> Iterator[BadRequest]:
    def mark(name: str, code: Code, url: str) -> BadRequest:
        asked = {"type": "watermark", "options": {"image": url}}
        return _bad(f"a watermark at {name}", code, says="image", operations=[TRIM, asked])

    for name, url in NO_URLS.items():
        if "://" in url:
            yield mark(name, Code.URL_INVALID, url)
    for name, host in BLOCKED.items():
        yield mark(name, Code.URL_BLOCKED, f"https://{host}/x.png")


def _videos() -> Iterator[BadRequest]:
    for name, video_id in {
        "nobody's": VIDEO,
        "a path": "../x",
        "no UUID": "0" * 32,
        "a query": "1' or 1",
    }.items():
        yield _bad(f"a video, {name}", Code.NOT_FOUND, status=404, videoId=video_id)
    nothing: Mapping[str, Any] = {"missing": ..., "null": None, "a number": 7, "a list": [VIDEO]}
    for name, given in nothing.items():
        yield _bad(f"a video, {name}", Code.FIELD_INVALID, says="videoId", videoId=given)
    yield _bad("callbackUrl that is none", Code.URL_INVALID, says="callbackUrl", callbackUrl="ftp://x")
    yield _bad("progressUrl that is none", Code.URL_INVALID, says="progressUrl", progressUrl="x")
    yield _bad("a secret that is none", Code.FIELD_INVALID, says="callbackSecret", callbackSecret=7)
    for method, path in (("GET", ""), ("GET", "/download"), ("DELETE", ""), ("POST", "/retry")):
        yield BadRequest(
            name=f"{method} {EXPORTS}/ID{path} of nobody",
            code=Code.NOT_FOUND,
            status=404,
            method=method,
            path=f"{EXPORTS}/{'0' * 32}{path}",
            headers=AS_ADMIN,
        )
    yield BadRequest(
        name=f"{EXPORTS} without a token",
        code=Code.AUTH_REQUIRED,
        status=401,
        path=EXPORTS,
        headers=OUTSIDE,
    )


def _queries() -> Iterator[BadRequest]:
    for query in ("?dryRun=1", "?dryRun=", "?dryRun=TRUE", "?dryRun=true&dryRun=false", "?dryrun=true", "?x"):
        yield _bad("another query", Code.FIELD_INVALID, query=query)
