"""How far jobs are, told by a real daemon: over HTTP, as events and as posts."""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
import anyio
import pytest
from standardwebhooks.webhooks import Webhook

from tests.daemons import Daemon, running_daemon
from tests.doors.test_events import watching
from tests.faults.test_daemon import SECRET, rows, slow_ffmpeg
from tests.site import Site, running_site
from tests.tapes import small_entries, write_zip

LARGE = {"metadata": {"scaledSize": [1920, 1920]}}


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with running_site() as made:
        # The last is long enough for ffmpeg to tell of its speed several times.
        for name, frames in {"a": 90, "b": 90, "c": 400}.items():
            made.files[f"/{name}.zip"] = write_zip(tmp_path / "t.zip", small_entries(frames)).read_bytes()
        yield made


@dataclass
class Watcher:
    """A receiver of progress."""

    site: Site

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(received.body) for received in self.site.received]

    async def until(self, job: str, state: str) -> list[dict[str, Any]]:
        """Wait until a job is told to be in a state → all that was told of it."""
        with anyio.fail_after(100):
            while not any(body["jobId"] == job and body["state"] == state for body in self.told):
                await self.site.arrived.wait()
        return [body for body in self.told if body["jobId"] == job]


@pytest.fixture
async def watcher() -> AsyncIterator[Watcher]:
    async with running_site() as made:
        watcher = Watcher(made)
        yield watcher


async def submit(client: aiohttp.ClientSession, daemon: Daemon, body: dict[str, object]) -> str:
    async with client.post(f"{daemon.base}/bake", json=body) as answer:
        assert answer.status == 202
        return str((await answer.json())["jobId"])


async def look(client: aiohttp.ClientSession, daemon: Daemon, job: str) -> dict[str, Any]:
    async with client.get(f"{daemon.base}/v1/jobs/{job}") as answer:
        found: dict[str, Any] = await answer.json()
        return found


async def test_posts_from_queued_to_done(
    tmp_path: Path, site: Site, watcher: Watcher, client: aiohttp.ClientSession
) -> None:
    """Signed as the callback is, never two within a second, progress never back, the end last."""
    with running_daemon(tmp_path / "data", OVEN_CONCURRENCY="1") as daemon:
        url = f"{watcher.site.base}/progress?k=1"
        first = await submit(client, daemon, site.ask("a", code="aBc", progressUrl=url, **LARGE))
        # The same again is the same job, and goes on being told where it was.
        elsewhere = site.ask("a", code="aBc", progressUrl=f"{site.base}/other", **LARGE)
        assert await submit(client, daemon, elsewhere) == first
        told = await watcher.until(first, "done")
        callback = next(received for received in await site.wait_for(1) if received.path == "/done?for=a")
    states = [body["state"] for body in told]
    assert states == sorted(states, key=["queued", "running", "done"].index)
    assert states.count("done") == 1
    assert states.count("running") > 0
    assert [body["progress"] for body in told] == sorted(body["progress"] for body in told)
    assert [body["seq"] for body in told] == sorted(body["seq"] for body in told)
    # By the daemon's own clock: how late a post arrives is another matter.
    sent = [datetime.fromisoformat(body["at"]).timestamp() for body in told]
    assert all(later - earlier > 0.98 for earlier, later in pairwise(sent))
    for received in watcher.site.received:
        assert received.path == "/progress?k=1"
        Webhook(SECRET.encode()).verify(received.body, received.headers)
        assert SECRET.encode() not in received.body
    last = told[-1]
    assert (last["mongoId"], last["slug"], last["code"], last["type"]) == ("id-a", "a", "aBc", "progress")
    assert json.loads(callback.body)["status"] == "complete"
    assert all("other" not in received.path for received in site.received)


async def test_places_speeds_and_etas(tmp_path: Path, site: Site, client: aiohttp.ClientSession) -> None:
    """Of what waits, runs and has ended; the second is told by what the first took."""
    with running_daemon(tmp_path / "data", OVEN_CONCURRENCY="1") as daemon:
        jobs = [await submit(client, daemon, site.ask(name, **LARGE)) for name in "abc"]
        with anyio.fail_after(100):
            while (await look(client, daemon, jobs[0]))["state"] == "queued":
                await anyio.sleep(0.02)
            while (await look(client, daemon, jobs[2]))["position"] != 2:
                await anyio.sleep(0.02)
            async with client.get(f"{daemon.base}/v1/jobs?state=queued") as answer:
                listed = {job["id"]: job["position"] for job in (await answer.json())["jobs"]}
            assert listed in ({jobs[1]: 1, jobs[2]: 2}, {jobs[2]: 1}, {})
            async with watching(client, daemon, jobs[2]) as events:
                seen = [said async for _, said in events]
        places = [said["position"] for said in seen if said["state"] == "queued"]
        assert places == sorted(places, reverse=True)
        assert set(places) <= {1, 2}
        # By then something had been learned, within a second.
        assert all(said["etaS"] is None or said["etaS"] >= 1 for said in seen)
        assert seen[-1]["state"] == "done"
        assert (seen[-1]["position"], seen[-1]["speed"], seen[-1]["etaS"]) == (None, None, None)
        encoding = [said["speed"] for said in seen if said["phase"] == "encode" and said["speed"]]
        assert all(speed > 0 for speed in encoding)
        assert len(encoding) > 0
        assert any(said["etaS"] for said in seen if said["state"] == "running")
        assert all(said["speed"] is None for said in seen if said["phase"] != "encode")


async def test_who_comes_back_while_it_waits(
    tmp_path: Path, site: Site, client: aiohttp.ClientSession
) -> None:
    """Is told its place at once: the event's id does not say which one it had been."""
    settings = {"OVEN_FFMPEG": slow_ffmpeg(tmp_path, 20), "OVEN_DRAIN_S": "0", "OVEN_CONCURRENCY": "1"}
    with running_daemon(tmp_path / "data", **settings) as daemon:
        jobs = [await submit(client, daemon, site.ask(name)) for name in "abc"]
        with anyio.fail_after(10):
            while (await look(client, daemon, jobs[2]))["position"] != 2:
                await anyio.sleep(0.02)
            async with watching(client, daemon, jobs[2]) as events:
                last, said = await anext(events)
            assert said["position"] == 2
            async with client.delete(f"{daemon.base}/v1/jobs/{jobs[1]}") as answer:
                assert answer.status == 200
            while (await look(client, daemon, jobs[2]))["position"] != 1:
                await anyio.sleep(0.02)
            async with watching(client, daemon, jobs[2], last) as events:
                number, said = await anext(events)
        assert (number, said["position"]) == (last, 1)
        assert daemon.stop() == 0


async def test_what_was_learned_survives(tmp_path: Path, site: Site, client: aiohttp.ClientSession) -> None:
    """After a restart what waits is told when it will end, by what jobs took before."""
    data = tmp_path / "data"
    with running_daemon(data) as daemon:
        await submit(client, daemon, site.ask("a"))
        await site.wait_for(1)
    settings = {"OVEN_FFMPEG": slow_ffmpeg(tmp_path, 20), "OVEN_DRAIN_S": "0", "OVEN_CONCURRENCY": "1"}
    with running_daemon(data, **settings) as daemon:
        for name in "bc":
            job = await submit(client, daemon, site.ask(name, reuse=False))
        with anyio.fail_after(10):
            while (said := await look(client, daemon, job))["etaS"] is None or said["position"] != 1:
                await anyio.sleep(0.02)
        assert said["state"] == "queued"
        async with client.get(f"{daemon.base}/status/{job}") as answer:
            status = await answer.json()
        assert (status["position"], status["etaS"] >= 1) == (1, True)
        assert daemon.stop() == 0


async def test_killed_in_between(
    tmp_path: Path, site: Site, watcher: Watcher, client: aiohttp.ClientSession
) -> None:
    """After a kill -9 the next daemon tells of what waits and of what runs again, to the end."""
    data, url = tmp_path / "data", f"{watcher.site.base}/progress"
    with running_daemon(data, OVEN_FFMPEG=slow_ffmpeg(tmp_path, 30), OVEN_CONCURRENCY="1") as daemon:
        jobs = [await submit(client, daemon, site.ask(name, progressUrl=url)) for name in "ab"]
        await watcher.until(jobs[0], "running")
        await watcher.until(jobs[1], "queued")
        daemon.kill()
    known = len(watcher.told)
    with running_daemon(data, OVEN_CONCURRENCY="1") as daemon:
        for job in jobs:
            told = await watcher.until(job, "done")
            assert told[-1]["progress"] == 1.0
        assert daemon.stop() == 0
    assert {body["jobId"] for body in watcher.told[known:]} == set(jobs)
    assert rows(data, "SELECT sum(crashes) FROM jobs") == [(1,)]


async def test_a_dead_receiver_costs_nobody_anything(
    tmp_path: Path, site: Site, watcher: Watcher, client: aiohttp.ClientSession
) -> None:
    """Jobs, callbacks and others' posts go on; nor is the stop held up for long."""
    watcher.site.hold = anyio.Event()
    try:
        with running_daemon(tmp_path / "data") as daemon:
            for number in range(12):
                site.files[f"/t{number}.zip"] = site.files["/a.zip"]
                body = site.ask(f"t{number}", progressUrl=f"{watcher.site.base}/dead")
                await submit(client, daemon, body)
            # Twelve callbacks, and not one answer to a post of progress.
            await site.wait_for(12)
            await watcher.site.wait_for(1)
            began = time.monotonic()
            assert await anyio.to_thread.run_sync(daemon.stop) == 0
            assert time.monotonic() - began < 15
    finally:
        watcher.site.hold.set()
    assert rows(tmp_path / "data", "SELECT DISTINCT state FROM jobs") == [("done",)]
    log = (tmp_path / "data.log").read_text()
    assert log.count("progress_not_posted") <= 12


async def test_the_end_is_told_when_it_stops(
    tmp_path: Path, site: Site, watcher: Watcher, client: aiohttp.ClientSession
) -> None:
    """A job that ends while the daemon stops is told to its end."""
    with running_daemon(tmp_path / "data", OVEN_FFMPEG=slow_ffmpeg(tmp_path, 1.5)) as daemon:
        job = await submit(client, daemon, site.ask("a", progressUrl=f"{watcher.site.base}/p"))
        await watcher.until(job, "running")
        assert await anyio.to_thread.run_sync(daemon.stop) == 0
    assert watcher.told[-1]["state"] == "done"
