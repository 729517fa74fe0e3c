"""What operators and the site look at."""

import aiohttp
import pytest

import oven
from tests.daemons import Daemon
from tests.doors.conftest import OUTSIDE


async def test_health(client: aiohttp.ClientSession, daemon: Daemon) -> None:
    """For everybody."""
    async with client.get(f"{daemon.base}/health", headers=OUTSIDE) as answer:
        assert answer.status == 200
        said = await answer.json()
    assert said["status"] == "healthy"
    assert said["checks"] == dict.fromkeys(("database", "engine", "ffmpeg", "storage", "disk"), "ok")


async def test_liveness(client: aiohttp.ClientSession, daemon: Daemon) -> None:
    """Asks for nothing but an answer."""
    async with client.get(f"{daemon.base}/health/live", headers=OUTSIDE) as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "alive"})


async def test_status(client: aiohttp.ClientSession, daemon: Daemon) -> None:
    """The members that the site and its scripts read; for every origin."""
    async with client.get(f"{daemon.base}/status", headers=OUTSIDE) as answer:
        said = await answer.json()
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert said["version"] == oven.__version__
    assert said["uptime"] > 0
    assert (said["incoming"], said["active"]) == ([], [])
    assert set(said) >= {"serverStartTime", "recent", "concurrency"}
    assert said["concurrency"] == {"active": 0, "max": 2, "queueDepth": 0}


async def test_no_such_job(client: aiohttp.ClientSession, daemon: Daemon) -> None:
    """404, as a problem."""
    async with client.get(f"{daemon.base}/status/nobody") as answer:
        assert (answer.status, answer.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["/bake-status", "/bake-complete"])
async def test_a_receivers_stages(client: aiohttp.ClientSession, daemon: Daemon, path: str) -> None:
    """Answered at once; without a code refused as the site knows it; they change no job."""
    async with client.post(
        daemon.base + path, json={"code": "aBc", "status": "syncing", "success": True}
    ) as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "ok"})
    for body in ({}, {"code": ""}, {"code": 7}):
        async with client.post(daemon.base + path, json=body) as answer:
            said = await answer.json(content_type=None)
            assert (answer.status, said["error"], said["code"]) == (400, "Missing code", "FIELD_INVALID")
