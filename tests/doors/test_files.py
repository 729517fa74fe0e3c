"""Finished files."""

from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from tests.daemons import running_daemon


async def test_files_with_range(client: aiohttp.ClientSession, tmp_path: Path) -> None:
    """Whole, in part, or not changed since."""
    data = tmp_path / "data"
    with running_daemon(data) as daemon:
        (data / "files" / "tapes").mkdir(parents=True)
        (data / "files" / "tapes" / "a.mp4").write_bytes(b"0123456789")
        url = f"{daemon.base}/files/tapes/a.mp4"
        async with client.get(url) as answer:
            assert (await answer.read(), answer.content_type) == (b"0123456789", "video/mp4")
            tag = answer.headers["ETag"]
        async with client.get(url, headers={"Range": "bytes=2-4"}) as answer:
            assert (answer.status, await answer.read()) == (206, b"234")
        async with client.get(url, headers={"If-None-Match": tag}) as answer:
            assert answer.status == 304


@pytest.mark.parametrize(
    "key",
    [
        "nothing.mp4",
        "../oven.db",
        "..%2foven.db",
        "%2e%2e/secret.key",
        "tapes/.a.mp4.0.part",
        "tapes",
        "%00",
        "/etc/passwd",
        "a/" * 2100,
        "x" * 300,
        "link",
    ],
)
async def test_nothing_else_is_served(client: aiohttp.ClientSession, tmp_path: Path, key: str) -> None:
    """Not the database beside, not what is being written, not a folder."""
    data = tmp_path / "data"
    with running_daemon(data) as daemon:
        (data / "files" / "tapes").mkdir(parents=True)
        (data / "files" / "tapes" / ".a.mp4.0.part").write_bytes(b"half")
        (data / "files" / "link").symlink_to("/etc/passwd")
        async with client.get(URL(f"{daemon.base}/files/{key}", encoded=True)) as answer:
            assert answer.status == 404
