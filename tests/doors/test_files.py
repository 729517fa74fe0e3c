"""Finished files."""

import hashlib
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from oven.adapters.clock import wall_ms
from oven.adapters.sealing import open_sealer
from oven.adapters.storage.local import LocalStorage
from oven.domain.errors import Code
from oven.domain.parts import MAX_PART_BYTES
from oven.recipes.steps import Target
from oven.stores import LOCAL_RESULTS
from tests.daemons import Daemon, running_daemon
from tests.doors.conftest import OUTSIDE


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


def local_of(data: Path, daemon: Daemon) -> LocalStorage:
    """Give the store of a daemon, as it has it itself."""
    return LocalStorage(
        buckets={LOCAL_RESULTS: data / "files"},
        base_url=f"{daemon.base}/files",
        private=data / "private",
        link_key=open_sealer(data, is_new=False).link_key,
        now_s=lambda: wall_ms() // 1000,
    )


async def test_a_part_by_a_link(client: aiohttp.ClientSession, tmp_path: Path) -> None:
    """Larger than other bodies may be; what is sent with it is no token."""
    data = tmp_path / "data"
    with running_daemon(data, OVEN_ADMIN_TOKEN="the admin's") as daemon:
        local, target = local_of(data, daemon), Target(LOCAL_RESULTS, "media/a|b/original.mp4")
        upload_id = await local.begin_parts(target, content_type="video/mp4")
        link, part = await local.presign_part(target, upload_id, 1, expires_s=60), b"x" * 1_000_000
        async with client.put(link, data=part, headers=OUTSIDE) as answer:
            assert (answer.status, await answer.read()) == (200, b"")
            assert answer.headers["ETag"] == f'"{hashlib.sha256(part).hexdigest()}"'
        assert await local.finish_parts(target, upload_id, max_bytes=1_000_000) == 1_000_000
        async with client.get(await local.presign(target, expires_s=60)) as answer:
            assert await answer.read() == part
        async with client.put(link, data=b"x") as answer:
            assert (answer.status, (await answer.json(content_type=None))["code"]) == (404, "NOT_FOUND")


async def test_parts_that_are_refused(client: aiohttp.ClientSession, tmp_path: Path) -> None:
    """Before they are read, where that can be told: too large, compressed, without a link."""
    data = tmp_path / "data"
    with running_daemon(data) as daemon:
        local, target = local_of(data, daemon), Target(LOCAL_RESULTS, "k")
        upload_id = await local.begin_parts(target, content_type="video/mp4")
        link = await local.presign_part(target, upload_id, 1, expires_s=60)
        for url, headers, status, code in (
            # The rest of it is still to come, for all that the server knows.
            (
                link,
                {"Content-Length": str(MAX_PART_BYTES + 1), "Connection": "close"},
                413,
                Code.UPLOAD_TOO_LARGE,
            ),
            (link, {"Content-Encoding": "gzip"}, 415, Code.UNSUPPORTED_MEDIA),
            (link.partition("?")[0], {}, 404, Code.NOT_FOUND),
        ):
            async with client.put(url, data=b"", headers=headers) as answer:
                assert (answer.status, (await answer.json(content_type=None))["code"]) == (status, code)
        assert [file.suffix for file in (data / "private").rglob("*") if file.is_file()] == [".json"]
