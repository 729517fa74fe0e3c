"""Fetching from hosts of every kind."""

import gzip
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path

import anyio
import pytest
from aiohttp import web

from oven.adapters import download as module
from oven.adapters.egress import Egress, EgressPolicy
from oven.adapters.fetch import HttpFetcher
from oven.domain.errors import Code, OvenError
from tests.serving import serving

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
EGRESS = Egress(policy=EgressPolicy(networks=(ip_network("127.0.0.0/8"),)))
LIMIT = 1_000_000


@asynccontextmanager
async def host(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/{path:.*}", handler)
    async with serving(app, shutdown_timeout=0.1) as port:
        yield f"http://127.0.0.1:{port}"


async def fetch(tmp_path: Path, handler: Handler, *, timeout_s: float = 10) -> dict[str, object]:
    fetcher = HttpFetcher(egress=EGRESS, timeout_s=timeout_s, source_hosts=frozenset())
    async with host(handler) as base:
        found = await fetcher.fetch(
            f"{base}/t.zip",
            tmp_path / "f",
            label="the tape",
            max_bytes=LIMIT,
            timeout_s=None,
            report=lambda _: None,
        )
        return dict(found)


async def failure(tmp_path: Path, handler: Handler, *, timeout_s: float = 10) -> OvenError:
    with pytest.raises(OvenError) as caught:
        await fetch(tmp_path, handler, timeout_s=timeout_s)
    return caught.value


async def test_a_file(tmp_path: Path) -> None:
    """Its bytes, its size, its digest; asked for as it is."""
    asked: dict[str, str] = {}

    async def give(request: web.Request) -> web.Response:
        asked.update(request.headers)
        return web.Response(body=b"tape" * 1000)

    found = await fetch(tmp_path, give)
    assert found == {"sha256": hashlib.sha256(b"tape" * 1000).hexdigest(), "sizeBytes": 4000}
    assert (tmp_path / "f").read_bytes() == b"tape" * 1000
    assert asked["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [
        (404, Code.DOWNLOAD_REJECTED, False),
        (403, Code.DOWNLOAD_REJECTED, False),
        (204, Code.DOWNLOAD_REJECTED, False),
        (429, Code.DOWNLOAD_FAILED, True),
        (500, Code.DOWNLOAD_FAILED, True),
        (503, Code.DOWNLOAD_FAILED, True),
    ],
)
async def test_answers_that_are_no_file(tmp_path: Path, status: int, code: Code, *, retryable: bool) -> None:
    """A refusal is final, a fault may pass."""

    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=status)

    error = await failure(tmp_path, refuse)
    assert (error.code, error.retryable) == (code, retryable)
    assert str(status) in error.message


async def test_too_large_as_declared(tmp_path: Path) -> None:
    """Refused before a byte is read."""

    async def give(_: web.Request) -> web.Response:
        return web.Response(body=bytes(LIMIT + 1))

    assert (await failure(tmp_path, give)).code is Code.DOWNLOAD_TOO_LARGE


async def test_an_endless_body(tmp_path: Path) -> None:
    """Counted as it comes; what was written stays near the limit."""

    async def give(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(100_000))

    assert (await failure(tmp_path, give)).code is Code.DOWNLOAD_TOO_LARGE
    assert (tmp_path / "f").stat().st_size <= LIMIT


async def test_a_body_that_breaks_off(tmp_path: Path) -> None:
    """Fewer bytes than declared: not taken for the whole."""

    async def give(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"x" * 10)
        assert request.transport is not None
        request.transport.abort()
        return response

    error = await failure(tmp_path, give)
    assert error.code in {Code.DOWNLOAD_TRUNCATED, Code.DOWNLOAD_FAILED}
    assert error.retryable


async def test_a_compressed_body(tmp_path: Path) -> None:
    """Nobody asked for it, and nobody unpacks it."""

    async def give(_: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(bytes(10_000_000)), headers={"Content-Encoding": "gzip"})

    assert (await failure(tmp_path, give)).code is Code.DOWNLOAD_ENCODING_REFUSED


async def test_a_trickle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then is not a download."""
    monkeypatch.setattr(module, "PATIENCE_S", 0.3)

    async def give(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x")
            await anyio.sleep(0.05)

    error = await failure(tmp_path, give)
    assert (error.code, error.retryable) == (Code.DOWNLOAD_TOO_SLOW, True)


async def test_silence(tmp_path: Path) -> None:
    """A host that never answers is given up."""

    async def wait(_: web.Request) -> web.Response:
        await anyio.sleep(30)
        return web.Response()

    error = await failure(tmp_path, wait, timeout_s=0.3)
    assert (error.code, error.retryable) == (Code.DOWNLOAD_TIMEOUT, True)


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("http://169.254.169.254/latest", Code.URL_INVALID),
        ("https://169.254.169.254/latest", Code.URL_BLOCKED),
        ("file:///etc/passwd", Code.URL_INVALID),
        ("https://10.0.0.1/", Code.URL_BLOCKED),
        ("/again", Code.TOO_MANY_REDIRECTS),
        ("", Code.TOO_MANY_REDIRECTS),
    ],
)
async def test_redirects_are_looked_at(tmp_path: Path, location: str, code: Code) -> None:
    """Each hop by the rules of the first, and not for ever."""

    async def redirect(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": location})

    assert (await failure(tmp_path, redirect)).code is code


async def test_a_good_redirect(tmp_path: Path) -> None:
    """Is followed."""

    async def give(request: web.Request) -> web.Response:
        if request.path == "/t.zip":
            return web.Response(status=307, headers={"Location": "/there.zip"})
        return web.Response(body=b"tape")

    assert (await fetch(tmp_path, give))["sizeBytes"] == 4


async def test_one_clock_for_all_hops(tmp_path: Path) -> None:
    """A redirect at the last moment gains its host no time."""

    async def dawdle(request: web.Request) -> web.Response:
        await anyio.sleep(0.4 if request.path == "/t.zip" else 30)
        return web.Response(status=302, headers={"Location": "/there.zip"})

    with anyio.fail_after(5):
        error = await failure(tmp_path, dawdle, timeout_s=0.5)
    assert (error.code, error.retryable) == (Code.DOWNLOAD_TIMEOUT, True)
    assert error.message == "the host of the tape took more than 0.5 s"
