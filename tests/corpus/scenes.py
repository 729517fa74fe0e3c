"""Videos and scenes that are refused at once: what is no video, and no part of one."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from oven.domain.errors import Code
from tests.corpus.case import BadRequest
from tests.corpus.requests import BLOCKED, NO_URLS, OUTSIDE, by_admin

VIDEOS = "/v1/videos"
NOBODYS = "550e8400-e29b-41d4-a716-446655440000"
SCENE = f"/v1/scenes/{NOBODYS}"
NO_SECONDS: Sequence[Any] = (-1, -0.001, True, "", "1", "00:00:01", "NaN", [1], {}, -1e300)
# JSON has no such numbers.
NO_NUMBERS = ("NaN", "Infinity", "-Infinity", "1e309", "-1e999", "0x10", "01", "+1", "1.", "1_000")
NO_NAMES: Sequence[Any] = ("a" * 256, "a\r\nX: y", "a\0b", "a\u202eb", 7, ["a"], {"a": 1}, True)
NO_VIDEOS: Mapping[str, Any] = {
    "nothing": {},
    "nulls": {"asset_id": None, "url": None},
    "both": {"asset_id": NOBODYS, "url": "https://tapes.example/film.mp4"},
    "an id that is a number": {"asset_id": 7},
    "an id that is a list": {"asset_id": [NOBODYS]},
    "an id with a line break": {"asset_id": f"{NOBODYS}\n"},
    "an id and a name": {"asset_id": NOBODYS, "name": "n"},
    "an id and a callback": {"asset_id": NOBODYS, "callbackUrl": "https://tapes.example/done"},
    "a user who is a path": {"url": "https://tapes.example/film.mp4", "user_id": "a/../b"},
    **{f"a name, {name!r:.20}": {"url": "https://tapes.example/f.mp4", "name": name} for name in NO_NAMES},
}


def cases() -> Iterator[BadRequest]:
    """Give every bad request."""
    for name, asked in NO_VIDEOS.items():
        yield by_admin(f"{VIDEOS}: {name}", Code.FIELD_INVALID, VIDEOS, json.dumps(asked))
    for field in ("start_s", "end_s"):
        for value in NO_SECONDS:
            body = json.dumps({field: value})
            yield by_admin(f"{field} {value!r}", Code.FIELD_INVALID, SCENE, body, method="PATCH", says=field)
        for text in NO_NUMBERS:
            yield by_admin(
                f"{field} {text}", Code.BODY_INVALID, SCENE, f'{{"{field}": {text}}}', method="PATCH"
            )
    for value in NO_NAMES:
        body = json.dumps({"name": value})
        yield by_admin(f"name {value!r:.20}", Code.FIELD_INVALID, SCENE, body, method="PATCH", says="name")
    for start_s, end_s in ((1, 1), (1, 0), (1, 1.05), (1e300, 5)):
        body = json.dumps({"start_s": start_s, "end_s": end_s})
        yield by_admin(f"{start_s} to {end_s}", Code.FIELD_INVALID, SCENE, body, method="PATCH", says="end_s")
    yield from _nobodys()
    yield from _urls()


def _nobodys() -> Iterator[BadRequest]:
    """Ask for what is not there, and for what is by nobody."""
    good = '{"start_s": 0, "end_s": 1}'
    for name, given in {"unknown": NOBODYS, "no UUID": "0" * 40, "a dash": "-", "code": "%27%3B--"}.items():
        for method, path in (
            ("GET", f"{VIDEOS}/{given}"),
            ("GET", f"{VIDEOS}/{given}/scenes"),
            ("POST", f"{VIDEOS}/{given}/scenes"),
            ("GET", f"/v1/scenes/{given}"),
            ("GET", f"/v1/scenes/{given}/previews"),
            ("PATCH", f"/v1/scenes/{given}"),
            ("DELETE", f"/v1/scenes/{given}"),
        ):
            yield by_admin(f"an id, {name}", Code.NOT_FOUND, path, good, method=method, status=404)
    for given in (NOBODYS, "../x", "0" * 32, "' or 1"):
        body = json.dumps({"asset_id": given})
        yield by_admin(f"an id, {given}", Code.NOT_FOUND, VIDEOS, body, status=404)
    for query in ("limit=0", "limit=1e1", "cursor=x", "status=ready", "type=video", "asset_id=x"):
        path = f"{VIDEOS}?{query}"
        yield by_admin("a filter", Code.FIELD_INVALID, path, "", method="GET", says=query.partition("=")[0])
    for method, path in (
        ("GET", VIDEOS),
        ("POST", VIDEOS),
        ("GET", f"{VIDEOS}/{NOBODYS}"),
        ("POST", f"{VIDEOS}/{NOBODYS}/scenes"),
        ("DELETE", SCENE),
        ("GET", f"{SCENE}/previews"),
    ):
        yield BadRequest(
            name=f"{method} {path} by nobody",
            code=Code.AUTH_REQUIRED,
            status=401,
            method=method,
            path=path,
            headers=OUTSIDE,
        )


def _urls() -> Iterator[BadRequest]:
    for name, url in NO_URLS.items():
        yield by_admin(name, Code.URL_INVALID, VIDEOS, json.dumps({"url": url}), says="url")
    for name, host in BLOCKED.items():
        body = json.dumps({"url": f"https://{host}/x"})
        yield by_admin(name, Code.URL_BLOCKED, VIDEOS, body, says="url")
