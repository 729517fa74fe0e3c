"""Waiting for the end of a job, through whatever happens to its Oven."""

import time
from pathlib import Path

import anyio
import pytest
from aiohttp import web

from oven.client import Job, Oven, OvenError, UnreachableError, WaitTimeoutError
from tests.calls import call
from tests.client.conftest import bake
from tests.client.servers import OURS, answering, gone, page, problem
from tests.daemons import running_daemon
from tests.faults.test_daemon import slow_ffmpeg
from tests.ports import free_port
from tests.site import Site


async def test_wait(tmp_path: Path, site: Site) -> None:
    """Until the end, and told on the way how far it is."""
    seen: list[Job] = []
    with running_daemon(tmp_path / "data", OVEN_FFMPEG=slow_ffmpeg(tmp_path, 0.5)) as daemon:
        oven = Oven(daemon.base)
        job_id = await bake(oven, site)
        job = await call(oven.wait, job_id, 30, on_progress=seen.append)
        await site.wait_for(1)
        assert job == {**await call(oven.status, job_id), "callback": job["callback"]}
    assert (job["state"], job["kind"], job["progress"]) == ("done", "bake", 1)
    assert seen[-1]["state"] == "done"
    assert [one["progress"] for one in seen] == sorted(one["progress"] for one in seen)
    assert len(seen) > 1


async def test_a_daemon_that_is_killed_meanwhile(tmp_path: Path, site: Site) -> None:
    """Is waited for until it is there again, and has done the job."""
    data, settings = tmp_path / "data", {"PORT": str(free_port()), "OVEN_FFMPEG": slow_ffmpeg(tmp_path, 1)}
    ends: list[Job] = []

    async def wait(job_id: str) -> None:
        ends.append(await call(oven.wait, job_id, 40, on_progress=lambda _: seen.set()))

    seen = anyio.Event()
    async with anyio.create_task_group() as group:
        with running_daemon(data, **settings) as daemon:
            oven = Oven(daemon.base)
            job_id = await bake(oven, site)
            group.start_soon(wait, job_id)
            while (await call(oven.status, job_id))["state"] != "running":
                await anyio.sleep(0.02)
            daemon.kill()
        with pytest.raises(UnreachableError):
            await call(Oven(daemon.base, tries=1).status, job_id)
        with running_daemon(data, **settings):
            with anyio.fail_after(30):
                while not ends:
                    await anyio.sleep(0.05)
            await site.wait_for(1)
    assert (ends[0]["state"], ends[0]["attempt"]) == ("done", 2)


async def test_what_passes() -> None:
    """A connection that breaks, a proxy without its Oven, an Oven that says when to come back."""
    moment = problem(503, "STORE_UNAVAILABLE", retryable=True, Retry_After="1")
    ended = {"state": "done", "run": 1, "attempt": 1, "phase": None, "progress": 1}
    async with answering(gone, page(502), moment, lambda _: web.json_response(ended, headers=OURS)) as server:
        began = time.monotonic()
        assert await call(server.oven().wait, "j") == ended
        assert time.monotonic() - began >= 1
        assert len(server.asked) == 4


async def test_what_does_not_pass() -> None:
    """Is told at once: nothing is there to wait for."""
    async with answering(problem(404, "NOT_FOUND")) as server:
        with pytest.raises(OvenError, match="NOT_FOUND"):
            await call(server.oven().wait, "j")
        assert len(server.asked) == 1


async def test_an_oven_that_says_nothing() -> None:
    """Is waited for no longer than was asked."""
    async with answering(gone) as server:
        began = time.monotonic()
        with pytest.raises(WaitTimeoutError) as caught:
            await call(server.oven().wait, "j", 0.5)
        assert isinstance(caught.value, TimeoutError)
        assert time.monotonic() - began < 3
