"""GET /metrics."""

from pathlib import Path

import aiohttp
import anyio
import pytest

from tests.daemons import Daemon, running_daemon
from tests.doors.conftest import ADMIN, OUTSIDE
from tests.site import running_site
from tests.tapes import small_entries, write_zip


async def read(client: aiohttp.ClientSession, daemon: Daemon) -> dict[str, str]:
    async with client.get(f"{daemon.base}/metrics") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        lines = (await answer.text()).splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


async def test_a_bake_is_counted(client: aiohttp.ClientSession, tmp_path: Path) -> None:
    """Its end, its size, its error; what is asked; what waits."""
    async with running_site() as site:
        site.files["/tape.zip"] = write_zip(tmp_path / "t.zip", small_entries()).read_bytes()
        with running_daemon(tmp_path / "data") as daemon:
            for name in ("tape", "missing"):
                async with client.post(f"{daemon.base}/bake", json=site.ask(name)) as answer:
                    assert answer.status == 202
            await site.wait_for(2)
            found: dict[str, str] = {}
            with anyio.fail_after(10):
                while 'video_processing_errors_total{code="DOWNLOAD_REJECTED"}' not in found:
                    found = await read(client, daemon)
    assert found['video_processing_jobs_total{kind="bake",status="done"}'] == "1.0"
    assert found['video_processing_jobs_total{kind="bake",status="failed"}'] == "1.0"
    assert found['video_processing_queue_size{state="running"}'] == "0.0"
    assert found['oven_http_responses_total{method="POST",status="202"}'] == "2.0"
    assert found['oven_healthy{check="database"}'] == "1.0"
    assert float(found["video_storage_used_bytes"]) > 1_000
    assert float(found['video_export_size_bytes_sum{kind="bake"}']) > 1_000
    assert float(found["oven_work_bytes"]) == 0


@pytest.mark.parametrize(("headers", "status"), [(OUTSIDE, 401), (ADMIN, 200), ({}, 200)])
async def test_who_may_ask(
    client: aiohttp.ClientSession, daemon: Daemon, headers: dict[str, str], status: int
) -> None:
    """The admin, and clients on this machine."""
    async with client.get(f"{daemon.base}/metrics", headers=headers) as answer:
        assert answer.status == status
