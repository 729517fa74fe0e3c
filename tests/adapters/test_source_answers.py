"""What sources answer; how a download goes on stands in test_resuming."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
import anyio
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from oven.adapters import source_answers as module
from oven.adapters.source_answers import Version, refusal
from oven.domain.errors import Code, OvenError
from tests.breaking import End, Way, breaking, refuse

AT = datetime(2026, 11, 20, 21, 9, tzinfo=UTC)
NOW_MS = int(AT.timestamp() * 1000)
PAST, FUTURE = int(AT.timestamp()) - 60, int(AT.timestamp()) + 60
DENIED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
OVER = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"


class Here(AbstractResolver):
    """Finds every name on this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        del family
        return [
            ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)
        ]

    async def close(self) -> None:
        pass


@asynccontextmanager
async def answered(way: Way, query: str, name: str) -> AsyncIterator[aiohttp.ClientResponse]:
    async with breaking(b"", way) as host:
        url = f"http://{name}:{URL(host.base).port}/v.mp4?{query}"
        async with (
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=Here())) as session,
            session.get(url) as response,
        ):
            yield response


async def refused(way: Way, query: str = "", name: str = "store.example") -> OvenError:
    async with answered(way, query, name) as response:
        return await refusal(response, "the video", NOW_MS)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_a_link_that_says_itself_that_it_is_over(status: int) -> None:
    """Whatever its host says; with the instant, and what to do."""
    error = await refused(refuse(status), f"Expires={PAST}&Signature=secret")
    assert (error.code, error.retryable, error.status) == (Code.DOWNLOAD_EXPIRED, False, 400)
    assert error.message == "the link to the video has expired (at 2026-11-20T21:08:00Z)"
    assert error.hint.startswith("Ask for a fresh link, and send it sooner")
    assert error.detail == f"the host of the video answered {status}"


@pytest.mark.parametrize(
    ("way", "query", "name"),
    [
        (refuse(410), "", "store.example"),
        (refuse(410), f"Expires={FUTURE}", "store.example"),
        (refuse(403, OVER), "", "store.example"),
        (refuse(403, OVER), f"Expires={FUTURE}", "store.example"),
        (refuse(400, b"<Error><Code>ExpiredToken</Code></Error>"), "", "store.example"),
        (refuse(404), "", "replicate.delivery"),
        (refuse(404), "", "pb.replicate.delivery"),
        (refuse(403, OVER + bytes(10_000)), "", "store.example"),
    ],
)
async def test_hosts_that_say_it(way: Way, query: str, name: str) -> None:
    """Gone, in the words of stores, or by knowing nothing of what they keep for an hour."""
    error = await refused(way, query, name)
    assert (error.code, error.retryable) == (Code.DOWNLOAD_EXPIRED, False)
    assert error.message == "the link to the video has expired"


@pytest.mark.parametrize(
    ("way", "query", "name"),
    [
        (refuse(404), "", "store.example"),
        (refuse(403), f"Expires={FUTURE}", "store.example"),
        (refuse(403, DENIED), "", "store.example"),
        (refuse(402, OVER), f"Expires={PAST}", "store.example"),
        (refuse(403), "", "replicate.delivery"),
        (refuse(403, b" " * 4_096 + OVER), "", "store.example"),
        (refuse(403, b"\xff\xfe"), "", "store.example"),
        (refuse(403, OVER[:20], end=End.RESET, headers={"Content-Length": "500"}), "", "store.example"),
    ],
)
async def test_other_refusals(way: Way, query: str, name: str) -> None:
    """Are refusals: only the first 4 KiB are read, and what breaks off is not waited for."""
    error = await refused(way, query, name)
    assert (error.code, error.retryable) == (Code.DOWNLOAD_REJECTED, False)
    assert error.message.startswith("the host of the video answered 40")


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
async def test_what_may_pass(status: int) -> None:
    """Is no expiry, however old the link is."""
    error = await refused(refuse(status, OVER), f"Expires={PAST}")
    assert (error.code, error.retryable) == (Code.DOWNLOAD_FAILED, True)


async def test_a_refusal_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is read for as long as it may last, and what came of it counts."""
    monkeypatch.setattr(module, "REFUSAL_S", 0.2)
    with anyio.fail_after(5):
        error = await refused(refuse(403, OVER, end=End.SILENCE, headers={"Content-Length": "4000"}))
    assert error.code is Code.DOWNLOAD_EXPIRED


def test_what_comes_after() -> None:
    """Is asked for by its place, and by the file that it is of."""
    version = Version(etag='"a"', size_bytes=None)
    assert version.after(1000) == {"Range": "bytes=1000-", "If-Range": '"a"'}
