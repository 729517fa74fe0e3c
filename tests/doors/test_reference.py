"""GET /openapi.json and GET /docs."""

import re

import aiohttp
import pytest

import oven
from oven.doors.reference import ASSET_TYPES, ASSETS, PAGE, POLICY, SCRIPT, START
from tests.daemons import Daemon
from tests.doors.conftest import OUTSIDE


async def test_the_document(client: aiohttp.ClientSession, daemon: Daemon) -> None:
    """For everybody, from every page; not sent again to who has it."""
    url = f"{daemon.base}/openapi.json"
    async with client.get(url, headers=OUTSIDE) as answer:
        said = await answer.json()
        assert (answer.status, answer.content_type) == (200, "application/json")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        tag = answer.headers["ETag"]
    assert (said["openapi"], said["info"]["version"]) == ("3.1.0", oven.__version__)
    for known, status in ((tag, 304), (f'"x", W/{tag}', 304), ("*", 304), ('"x"', 200)):
        async with client.get(url, headers=OUTSIDE | {"If-None-Match": known}) as answer:
            assert (answer.status, answer.headers["ETag"]) == (status, tag), known
            assert bool(await answer.read()) == (status == 200)


async def test_the_page(client: aiohttp.ClientSession, daemon: Daemon) -> None:
    """With all that it asks for, none of it elsewhere."""
    async with client.get(f"{daemon.base}/docs", headers=OUTSIDE) as answer:
        page = await answer.text()
        assert (answer.status, answer.content_type) == (200, "text/html")
        assert answer.headers["Content-Security-Policy"] == POLICY
    assert page == PAGE
    asked = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert sorted(asked) == ["data:,", *sorted(f"docs/{name}" for name in (*ASSETS, START)), "openapi.json"]
    for path in set(asked) - {"data:,"}:
        async with client.get(f"{daemon.base}/{path}", headers=OUTSIDE) as answer:
            assert answer.status == 200, path
            if path.startswith("docs/"):
                assert answer.content_type in ASSET_TYPES, path
            sniffed = answer.headers.get("X-Content-Type-Options")
            assert (sniffed == "nosniff") == path.startswith("docs/"), path


def test_no_other_host_is_named() -> None:
    """By the page or what starts it; whatever the viewer would ask, the browser may ask us alone."""
    assert "//" not in PAGE
    assert re.findall(r"\w+://", SCRIPT) == []
    assert "validatorUrl: null" in SCRIPT
    assert "default-src 'self'" in POLICY
    assert re.findall(r"https?:|\*|unsafe-eval|script-src", POLICY) == []
    assert "<script>" not in PAGE


def test_the_viewer_reads_what_we_write() -> None:
    """OpenAPI 3.1 is shown from its fifth version on."""
    found = re.search(r'PACKAGE_VERSION:"(\d+)', ASSETS["swagger-ui-bundle.js"].read_text())
    assert found is not None
    assert int(found[1]) >= 5


@pytest.mark.parametrize(
    "path", ["docs/", "docs/index.html", "docs/..%2fplugin.py", "docs/swagger-ui.css.map"]
)
async def test_nothing_else_is_served(client: aiohttp.ClientSession, daemon: Daemon, path: str) -> None:
    """Of the package that the viewer's files come with."""
    async with client.get(f"{daemon.base}/{path}", headers=OUTSIDE) as answer:
        assert answer.status == 404
