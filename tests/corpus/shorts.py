"""Exports of scenes that are refused at once: what no scene could become, and whoever may not ask."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from oven.domain.errors import Code
from tests.corpus.case import BadRequest
from tests.corpus.requests import BLOCKED, JOB, NO_URLS, OUTSIDE, by_admin

NOBODYS = "550e8400-e29b-41d4-a716-446655440000"
EXPORT = f"/v1/scenes/{NOBODYS}/export-short"
SEVERAL = "/v1/scenes/export-shorts"
EXPORTS = "/v1/exports"
WRONG: Mapping[str, Sequence[Any]] = {
    "aspect_ratio_strategy": ("smart", "", "crop", "CENTER_CROP", "blur;rm -rf /", 1, ["blur"], None, {}),
    "output_quality": ("best", "", "HIGH", 18, True, None, ["high"]),
    "trim": ("0-5", 5, True, [0, 5], {"start_s": 0}, {"end_s": 5}, {"start_s": -1, "end_s": 5}),
    "trim/start_s": (
        {"start_s": "0", "end_s": 5},
        {"start_s": True, "end_s": 5},
        {"start_s": [], "end_s": 5},
    ),
    "trim/end_s": ({"start_s": 0, "end_s": "5s"}, {"start_s": 0, "end_s": {}}, {"start_s": 0, "end_s": None}),
}
NO_ORDERS: Sequence[Any] = (
    {},
    {"exports": None},
    {"exports": []},
    {"exports": {}},
    {"exports": [{}] * 51},
)
NO_ITEMS: Sequence[Any] = (
    *(None, 7, [], {}),
    {"scene_id": 7},
    {"scene_id": NOBODYS, "output_quality": "best"},
)


def cases() -> Iterator[BadRequest]:
    """Give every bad request."""
    for field, values in WRONG.items():
        name = field.partition("/")[0]
        for value in values:
            yield _bad(f"{field} {value!r:.40}", Code.FIELD_INVALID, EXPORT, {name: value}, says=name)
    for order in NO_ORDERS:
        yield _bad(f"{order!s:.30}", Code.FIELD_INVALID, SEVERAL, order, says="exports")
    for item in NO_ITEMS:
        yield _bad(
            f"of several {item!r:.40}", Code.FIELD_INVALID, SEVERAL, {"exports": [item]}, says="exports"
        )
    yield _bad("of several a stranger's", Code.NOT_FOUND, SEVERAL, {"exports": [{"scene_id": NOBODYS}]}, 404)
    for scene in (NOBODYS, "0" * 32, "-", "%00", "..%2f..", "export-shorts", f"{NOBODYS}%0a"):
        yield _bad("no scene", Code.NOT_FOUND, f"/v1/scenes/{scene}/export-short", {}, 404)
    for export in (JOB, NOBODYS, "-", "%00", "quotas", "%27%3B--", f"{JOB}%20"):
        for method in ("GET", "DELETE"):
            yield _bad("no export", Code.NOT_FOUND, f"{EXPORTS}/{export}", None, 404, method=method)
    yield _bad("its quota", Code.METHOD_NOT_ALLOWED, f"{EXPORTS}/quota", None, 405, method="DELETE")
    for query in ("limit=0", "limit=201", "cursor=x", "status=queued", "status=", "scene_id=x"):
        path = f"{EXPORTS}?{query}"
        yield _bad("a filter", Code.FIELD_INVALID, path, None, method="GET", says=query.partition("=")[0])
    for method, path in (
        ("POST", EXPORT),
        ("POST", SEVERAL),
        ("GET", EXPORTS),
        ("GET", f"{EXPORTS}/{JOB}"),
        ("DELETE", f"{EXPORTS}/{JOB}"),
        ("GET", f"{EXPORTS}/quota"),
    ):
        yield BadRequest(
            name=f"{method} {path} by nobody",
            code=Code.AUTH_REQUIRED,
            status=401,
            method=method,
            path=path,
            headers=OUTSIDE,
        )
    yield from _urls()


def _bad(
    name: str,
    code: Code,
    path: str,
    body: Any,
    status: int = 400,
    *,
    method: str = "POST",
    says: str = "",
) -> BadRequest:
    text = "" if body is None else json.dumps(body)
    return by_admin(name, code, path, text, method=method, status=status, says=says)


def _urls() -> Iterator[BadRequest]:
    for field in ("callbackUrl", "progressUrl"):
        for name, url in NO_URLS.items():
            yield _bad(f"{field}: {name}", Code.URL_INVALID, EXPORT, {field: url}, says=field)
        for name, host in BLOCKED.items():
            body = {field: f"https://{host}/x"}
            yield _bad(f"{field}: {name}", Code.URL_BLOCKED, EXPORT, body, says=field)
