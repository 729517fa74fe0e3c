"""Oven in the place of the service that the site was written for: both its ends in Node, as they are."""

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.abc import Process

from tests.daemons import Daemon, running_daemon
from tests.lines import lines_of
from tests.ports import free_port
from tests.site import running_site
from tests.tapes import jittered_starts_ms, tape_entries, wav, write_zip

HERE = Path(__file__).parent
SECRET = "the secret of both"
GUEST = "/art-aesthetic-computer/abcd1234.zip"
USER = "/user-aesthetic-computer/auth0|507f1f77bcf86cd799439011/2025.10.17.14.20.0.123.zip"


@dataclass
class Receiver:
    """The site's receiver, its address and what it says."""

    process: Process
    base: str
    lines: AsyncIterator[str]

    async def taken(self) -> dict[str, Any]:
        """Wait for the next callback that it has answered."""
        with anyio.fail_after(30):
            line: dict[str, Any] = json.loads(await anext(self.lines))
        return line


@asynccontextmanager
async def receiver(oven: str, *answers: int) -> AsyncIterator[Receiver]:
    command = ["node", str(HERE / "receiver.mjs"), oven, SECRET, ",".join(map(str, answers))]
    async with await anyio.open_process(command, stderr=None) as process:
        lines = lines_of(process)
        port = await anext(lines)
        yield Receiver(process=process, base=f"http://127.0.0.1:{port}", lines=lines)
        process.kill()


async def post(daemon: Daemon, **body: str) -> dict[str, Any]:
    """Let the site's client post a tape and wait until it is told that all is done."""
    command = ["node", str(HERE / "client.mjs"), daemon.base, json.dumps(body)]
    with anyio.fail_after(40):
        done = await anyio.run_process(command, check=False, stderr=None)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@pytest.mark.parametrize("path", [GUEST, USER])
async def test_a_tape_of_the_site(tmp_path: Path, path: str) -> None:
    """Posted, seen in /status, called back, worked on late, answered 500, called back again, done."""
    assert shutil.which("node")
    starts = jittered_starts_ms(60, 60)
    async with running_site() as site:
        site.files[path] = write_zip(tmp_path / "t.zip", tape_entries(starts, sound=wav(1.1))).read_bytes()
        settings = {"CALLBACK_SECRET": SECRET, "PORT": str(free_port())}
        with running_daemon(tmp_path / "data", **settings) as daemon:
            async with receiver(daemon.base, 500) as at_site:
                said = await post(
                    daemon,
                    mongoId="507f1f77bcf86cd799439011",
                    slug="2025.10.17.14.20.0.123",
                    code="aBc",
                    zipUrl=site.base + path,
                    callbackUrl=f"{at_site.base}/api/oven-complete?x=1",
                    callbackSecret=SECRET,
                )
                first, second = await at_site.taken(), await at_site.taken()
    assert site.fetched == [path]
    item = said["item"]
    assert (said["ok"], item["success"], item["status"], item["error"]) == (True, True, "complete", None)
    assert set(said["seen"]) <= {"downloading", "extracting", "processing", "uploading"}
    assert item["mp4Url"].endswith("/tapes/aBc.mp4")
    assert item["thumbnailUrl"].endswith("/tapes/aBc-thumb.jpg")
    assert {"slug", "mongoId", "startTime", "lastUpdate", "completedAt", "duration"} <= set(item)
    assert (first["status"], second["status"]) == (500, 200)
    # A receiver that failed late gets the same again: not an error, and not another tape.
    assert first["body"] == second["body"]
    assert first["id"] == second["id"]
    assert first["url"] == "/api/oven-complete?x=1"
    assert first["sizes"] == second["sizes"]
    assert all(size > 0 for size in first["sizes"])


async def test_a_tape_that_is_broken(tmp_path: Path) -> None:
    """The site is told in words, once, and its client sees it."""
    async with running_site() as site:
        site.files[GUEST] = b"no zip"
        with running_daemon(tmp_path / "data", CALLBACK_SECRET=SECRET) as daemon:
            async with receiver(daemon.base) as at_site:
                said = await post(
                    daemon,
                    mongoId="1",
                    slug="abcd1234",
                    code="xyz",
                    zipUrl=site.base + GUEST,
                    callbackUrl=f"{at_site.base}/api/oven-complete",
                    callbackSecret=SECRET,
                )
                told = await at_site.taken()
    assert (said["item"]["success"], said["item"]["status"]) == (False, "error")
    assert told["error"] == said["item"]["error"]
    assert "ZIP" in told["error"]


async def test_a_client_that_is_refused(tmp_path: Path) -> None:
    """Reads why from the answer, as it always has."""
    with running_daemon(tmp_path / "data", CALLBACK_SECRET=SECRET) as daemon:
        said = await post(daemon, mongoId="1", slug="a", code="b")
    assert (said["ok"], said["status"]) == (False, 400)
    assert "zipUrl is missing" in said["message"]
