"""POST /bake: what is refused, in which order, and how."""

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.daemons import Daemon, running_daemon
from tests.doors.conftest import OUTSIDE

GOOD: dict[str, Any] = {
    "mongoId": "507f1f77bcf86cd799439011",
    "slug": "2025.10.17.14.20.0.123",
    "zipUrl": "https://203.0.114.1/tape.zip",
    "callbackUrl": "https://203.0.114.1/done",
    "callbackSecret": "sésame",
}


async def post(
    client: aiohttp.ClientSession, daemon: Daemon, body: object, **headers: str
) -> tuple[int, dict[str, Any]]:
    async with client.post(f"{daemon.base}/bake", json=body, headers=OUTSIDE | headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_missing_fields_are_all_named(client: aiohttp.ClientSession, daemon: Daemon) -> None:
    """Before the secret is looked at."""
    status, said = await post(client, daemon, {"slug": "a", "callbackSecret": "wrong", "zipUrl": ""})
    assert (status, said["code"]) == (400, "FIELD_INVALID")
    assert [error["pointer"] for error in said["errors"]] == ["/mongoId", "/zipUrl", "/callbackUrl"]
    assert "mongoId is missing" in said["error"]


async def test_the_secret_comes_before_the_rest(client: aiohttp.ClientSession, daemon: Daemon) -> None:
    """Who does not know it learns nothing of what else is wrong."""
    status, said = await post(client, daemon, GOOD | {"callbackSecret": "wrong", "slug": "../x"})
    assert (status, said["code"]) == (401, "AUTH_INVALID")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"slug": "../x"}, "/slug"),
        ({"slug": "a..b"}, "/slug"),
        ({"slug": "a/b"}, "/slug"),
        ({"slug": "-a"}, "/slug"),
        ({"slug": "a" * 129}, "/slug"),
        ({"slug": "a\r\nb"}, "/slug"),
        ({"slug": "\u202egnp"}, "/slug"),
        ({"slug": 7}, "/slug"),
        ({"code": "a b"}, "/code"),
        ({"code": 7}, "/code"),
        ({"mongoId": ["x"]}, "/mongoId"),
        ({"metadata": "x"}, "/metadata"),
        ({"reuse": "no"}, "/reuse"),
        ({"reuse": 0}, "/reuse"),
        ({"progressUrl": 7}, "/progressUrl"),
        ({"progressUrl": "https://example.com/\n"}, "/progressUrl"),
    ],
)
async def test_bad_fields(
    client: aiohttp.ClientSession, daemon: Daemon, change: dict[str, Any], pointer: str
) -> None:
    """Each with a pointer to it."""
    status, said = await post(client, daemon, GOOD | change)
    assert (status, said["code"]) == (400, "FIELD_INVALID")
    assert [error["pointer"] for error in said["errors"]] == [pointer]


@pytest.mark.parametrize("field", ["zipUrl", "callbackUrl", "progressUrl"])
@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1/x", "URL_BLOCKED"),
        ("https://2130706433/x", "URL_BLOCKED"),
        ("https://[::ffff:169.254.169.254]/x", "URL_BLOCKED"),
        ("http://example.com/x", "URL_INVALID"),
        ("https://user@example.com/x", "URL_INVALID"),
        ("file:///etc/passwd", "URL_INVALID"),
    ],
)
async def test_bad_urls(
    client: aiohttp.ClientSession, closed: Daemon, field: str, url: str, code: str
) -> None:
    """Refused at once where it can be seen at once; nothing is accepted."""
    # The daemon of these tests allows 127.0.0.1 itself, so that one is asked for in another network.
    url = url.replace("127.0.0.1", "127.0.0.2").replace("2130706433", "2130706434")
    async with client.post(f"{closed.base}/bake", json=GOOD | {field: url}) as answer:
        said = await answer.json(content_type=None)
    assert (answer.status, said["code"]) == (400, code)
    assert field in said["error"]
    async with client.get(f"{closed.base}/v1/jobs?kind=bake") as answer:
        assert (await answer.json())["jobs"] == []


async def test_a_closed_door(client: aiohttp.ClientSession, closed: Daemon) -> None:
    """Without its secret nobody from outside comes in; the operator is told what to set."""
    status, said = await post(client, closed, GOOD)
    assert (status, said["code"]) == (503, "DOOR_CLOSED")
    assert "CALLBACK_SECRET" in said["hint"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"\xff", b"[" * 10_000, b'{"a": NaN}'])
async def test_bodies_that_are_none(client: aiohttp.ClientSession, daemon: Daemon, body: bytes) -> None:
    """400, never 500."""
    async with client.post(f"{daemon.base}/bake", data=body, headers=OUTSIDE) as answer:
        assert (answer.status, (await answer.json(content_type=None))["code"]) == (400, "BODY_INVALID")


async def test_a_body_that_is_too_large(client: aiohttp.ClientSession, daemon: Daemon) -> None:
    """413, as a problem like any other."""
    async with client.post(f"{daemon.base}/bake", data=b" " * 300_000, headers=OUTSIDE) as answer:
        assert (answer.status, (await answer.json(content_type=None))["code"]) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize("secret", ["", "x", "sesame", "sésame ", "\ud83d"])
async def test_wrong_secrets(client: aiohttp.ClientSession, daemon: Daemon, secret: str) -> None:
    """Of every kind of text; an empty one is missing."""
    body = (
        b'{"mongoId":"m","slug":"s","zipUrl":"z","callbackUrl":"c","callbackSecret":"'
        + secret.encode("unicode_escape").replace(b"\\xe9", b"\\u00e9")
        + b'"}'
    )
    async with client.post(f"{daemon.base}/bake", data=body, headers=OUTSIDE) as answer:
        assert answer.status in {400, 401}


async def test_a_callers_own_key(client: aiohttp.ClientSession, tmp_path: Path) -> None:
    """The same answer again, and said so; another request under it is refused."""
    # Its own: others look at a daemon without jobs.
    with running_daemon(tmp_path / "data", CALLBACK_SECRET="sésame") as daemon:
        body = GOOD | {"slug": "keyed", "zipUrl": "https://127.0.0.1/never.zip"}
        url = f"{daemon.base}/bake"
        answers = []
        for key in ("key-1", '"key-1"', "key-1"):
            async with client.post(url, json=body, headers=OUTSIDE | {"Idempotency-Key": key}) as answer:
                answers.append(
                    (answer.status, answer.headers.get("Idempotency-Replayed"), await answer.json())
                )
        assert [(status, replayed) for status, replayed, _ in answers] == [
            (202, None),
            (202, "true"),
            (202, "true"),
        ]
        assert answers[0][2] == answers[1][2] == answers[2][2]
        status, said = await post(client, daemon, body | {"slug": "other"}, **{"Idempotency-Key": "key-1"})
        assert (status, said["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
        status, said = await post(client, daemon, body, **{"Idempotency-Key": "x" * 129})
        assert (status, said["code"]) == (400, "FIELD_INVALID")
