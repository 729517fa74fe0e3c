"""Errors as callers get them."""

import json
from uuid import UUID

import aiohttp
import pytest

from oven.domain.errors import BadInputError, Code, TransientError, UnauthorizedError
from oven.doors.problems import FieldsError, problem
from tests.daemons import Daemon


def body(error: BadInputError | TransientError) -> dict[str, object]:
    response = problem(error, status=error.status, instance="00000000-0000-0000-0000-000000000000")
    assert isinstance(response.body, bytes)
    said: dict[str, object] = json.loads(response.body)
    return said


def test_members() -> None:
    """Those of RFC 9457, ours, and the plain `error` of the seeds."""
    assert body(BadInputError(Code.NO_FRAMES, "none", hint="add some", detail="/secret")) == {
        "type": "/errors/no-frames",
        "title": "No frames",
        "status": 400,
        "detail": "none",
        "instance": "urn:uuid:00000000-0000-0000-0000-000000000000",
        "code": "NO_FRAMES",
        "retryable": False,
        "error": "none",
        "hint": "add some",
    }


def test_fields() -> None:
    """Each with its pointer."""
    said = body(FieldsError([("/a", "a is missing"), ("/b", "b is missing")]))
    assert said["errors"] == [
        {"pointer": "/a", "message": "a is missing"},
        {"pointer": "/b", "message": "b is missing"},
    ]
    assert said["error"] == "a is missing; b is missing"


def test_headers() -> None:
    """When to come back, and with what."""
    full = problem(TransientError(Code.QUEUE_FULL, "full"), status=503, instance="x")
    assert int(full.headers["Retry-After"]) > 0
    asked = problem(UnauthorizedError(Code.AUTH_REQUIRED, "token"), status=401, instance="x")
    assert asked.headers["WWW-Authenticate"] == "Bearer"
    refused = problem(UnauthorizedError(Code.AUTH_INVALID, "token"), status=401, instance="x")
    assert refused.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert "WWW-Authenticate" not in full.headers


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "NOT_FOUND"),
        ("GET", "/bake", 405, "METHOD_NOT_ALLOWED"),
        ("PUT", "/v1/jobs/x", 405, "METHOD_NOT_ALLOWED"),
    ],
)
async def test_what_the_framework_refuses(
    client: aiohttp.ClientSession, daemon: Daemon, *, method: str, path: str, status: int, code: str
) -> None:
    """Is a problem like any other, with a request id."""
    async with client.request(method, daemon.base + path) as answer:
        said = await answer.json(content_type="application/problem+json")
    assert (answer.status, said["code"], said["status"]) == (status, code, status)
    assert str(UUID(answer.headers["X-Request-Id"])) == answer.headers["X-Request-Id"]
    assert said["instance"].endswith(answer.headers["X-Request-Id"])
    assert (status == 405) == ("Allow" in answer.headers)


@pytest.mark.parametrize("form", ["gzip", "br", "GZIP, gzip", "none-such"])
async def test_compressed_bodies(client: aiohttp.ClientSession, daemon: Daemon, form: str) -> None:
    """Are refused as such, whatever is in them."""
    url, headers = f"{daemon.base}/bake", {"Content-Encoding": form}
    async with client.post(url, data=b"no gzip", headers=headers) as answer:
        said = await answer.json(content_type="application/problem+json")
    assert (answer.status, said["code"]) == (415, "UNSUPPORTED_MEDIA")


async def test_who_may_read_in_a_browser(client: aiohttp.ClientSession, daemon: Daemon) -> None:
    """Every page what is public; none what is the admin's, nor its errors."""
    for path in ("/health", "/status", "/status/nobody", "/files/nothing"):
        async with client.get(daemon.base + path) as answer:
            assert answer.headers["Access-Control-Allow-Origin"] == "*", path
    for path in ("/v1/jobs", "/v1/jobs/nobody", "/nowhere"):
        async with client.get(daemon.base + path) as answer:
            assert "Access-Control-Allow-Origin" not in answer.headers, path


@pytest.mark.parametrize(("depth", "status"), [(18, 401), (21, 400), (5_000, 400), (100_000, 400)])
async def test_deep_bodies(client: aiohttp.ClientSession, daemon: Daemon, depth: int, status: int) -> None:
    """Are refused, not recursed into."""
    members = {
        "mongoId": "m",
        "slug": f"deep-{depth}",
        "zipUrl": "http://127.0.0.1:9/t.zip",
        "callbackUrl": "http://127.0.0.1:9/done",
        "callbackSecret": "wrong",
    }
    deep = "[" * depth + "]" * depth
    body = json.dumps(members)[:-1] + f', "metadata": {{"x": {deep}}}}}'
    async with client.post(f"{daemon.base}/bake", data=body.encode()) as answer:
        assert answer.status == status, await answer.text()
        if status == 400:
            assert (await answer.json(content_type=None))["code"] == "BODY_INVALID"
