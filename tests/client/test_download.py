"""An asset's bytes, brought to a file."""

import hashlib
from pathlib import Path

import anyio.to_thread
import pytest
from aiohttp import web

from oven.client.download import download
from oven.client.errors import OvenError, UnreachableError
from tests import origins
from tests.client.servers import Way, answering
from tests.origins import broken, running_origin, truncated

DATA = bytes(range(256)) * 4_000
SHA256 = hashlib.sha256(DATA).hexdigest()


def give(_: web.Request) -> web.Response:
    return web.Response(body=DATA)


async def fetch(url: str, path: Path, *, checksum: str | None = None) -> Path:
    return await anyio.to_thread.run_sync(lambda: download(url, path, checksum=checksum, timeout_s=5))


async def test_a_file(tmp_path: Path) -> None:
    """Appears whole, under its name alone, over what was there; who asks is not said, the query is kept."""
    path = tmp_path / "v.mp4"
    path.write_bytes(b"old")
    async with answering(give) as server:
        url = f"{server.base}/files/a%7Cb.mp4?signature=x%2Fy&a=1"
        assert await fetch(url, path, checksum=SHA256.upper()) == path
        assert server.asked[0].raw_path == "/files/a%7Cb.mp4?signature=x%2Fy&a=1"
        assert "Authorization" not in server.asked[0].headers
    assert path.read_bytes() == DATA
    assert list(tmp_path.iterdir()) == [path]


async def test_another_file(tmp_path: Path) -> None:
    """Is not taken for it."""
    path = tmp_path / "v.mp4"
    path.write_bytes(b"old")
    async with answering(give) as server:
        with pytest.raises(OvenError, match="CHECKSUM_MISMATCH"):
            await fetch(f"{server.base}/x", path, checksum="0" * 64)
    assert (list(tmp_path.iterdir()), path.read_bytes()) == ([path], b"old")


@pytest.mark.parametrize("way", [truncated, broken])
async def test_half_a_file(tmp_path: Path, way: origins.Way) -> None:
    """Is none."""
    async with running_origin(DATA) as origin:
        origin.ways["/x"] = [way]
        with pytest.raises(UnreachableError):
            await fetch(f"{origin.base}/x", tmp_path / "v.mp4")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "way",
    [
        lambda _: web.Response(status=403),
        lambda _: web.Response(status=302, headers={"Location": "https://example.com/canary"}),
    ],
)
async def test_a_link_that_does_not_open(tmp_path: Path, way: Way) -> None:
    """Is told by its status, without its signature; nobody is led elsewhere."""
    async with answering(way) as server:
        with pytest.raises(OvenError, match="DOWNLOAD_REJECTED") as caught:
            await fetch(f"{server.base}/x?signature=canary", tmp_path / "v.mp4")
    assert "canary" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


async def test_no_room_for_it(tmp_path: Path) -> None:
    """Is the caller's own affair, and no fault of the Oven's."""
    async with answering(give) as server:
        with pytest.raises(FileNotFoundError):
            await fetch(f"{server.base}/x", tmp_path / "missing" / "v.mp4")
        with pytest.raises(IsADirectoryError):
            await fetch(f"{server.base}/x", tmp_path)


async def test_a_long_name(tmp_path: Path) -> None:
    """May be as long as names can be."""
    path = tmp_path / ("é" * 125 + ".mp4")
    async with answering(give) as server:
        assert await fetch(f"{server.base}/x", path) == path
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("url", ["", "v.mp4", "unix:/run/x", "unix://run/x", "file:///etc/passwd", "http://"])
async def test_what_is_no_url(tmp_path: Path, url: str) -> None:
    """Is refused: nothing on this machine is read, and nobody on it asked."""
    with pytest.raises(ValueError, match="address"):
        await fetch(url, tmp_path / "v.mp4")
    assert list(tmp_path.iterdir()) == []
