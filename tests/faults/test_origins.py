"""Origins that fail in every way, and what their conversions come to: by a clock that is put forward."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import anyio
from standardwebhooks.webhooks import Webhook

from tests.clock import Clock, standing_clock
from tests.daemons import Daemon, running_daemon
from tests.origins import (
    Origin,
    Way,
    broken,
    fine,
    hanging,
    page,
    running_origin,
    status,
    trickling,
    truncated,
)
from tests.ports import free_port
from tests.site import Site, running_site
from tests.tapes import small_entries, write_zip

TOKEN = "the callback's token"
SETTINGS = {"CALLBACK_AUTH_TOKEN": TOKEN, "OVEN_CALLBACK_HOSTS": "127.0.0.1"}
# What the tape's host does, how often it is asked, and how the job ends.
WAYS: dict[str, tuple[list[Way], int, str]] = {
    "hangs": ([hanging], 4, "DOWNLOAD_TIMEOUT"),
    "always": ([status(500)], 4, "DOWNLOAD_FAILED"),
    "twice": ([status(500), status(500), fine], 3, ""),
    "gone": ([status(404)], 1, "DOWNLOAD_REJECTED"),
    "reset": ([broken], 4, "DOWNLOAD_TRUNCATED"),
    "short": ([truncated], 4, "DOWNLOAD_TRUNCATED"),
    "page": ([page], 1, "ZIP_INVALID"),
    "busy": ([status(503), fine], 2, ""),
    "good": ([fine], 1, ""),
}
NOWHERE = "nowhere"
# The waits after the first three failures, without and with all of their jitter.
WAITS_MS = ((5_000, 6_000), (10_000, 12_000), (20_000, 24_000))
SETTLED = {"retrying", "done", "failed"}


@dataclass
class Scene:
    """An origin, the site that is called back, and the jobs by their names."""

    origin: Origin
    site: Site
    client: aiohttp.ClientSession
    jobs: dict[str, str] = field(default_factory=dict)

    async def convert(self, daemon: Daemon, name: str, **changes: object) -> None:
        body = {
            "mongoId": name,
            "bucket": "tapes",
            "slug": name,
            "zipUrl": f"{self.origin.base}/u/{name}",
            "callbackUrl": f"{self.site.base}/done",
            **changes,
        }
        async with self.client.post(f"{daemon.base}/convert", json=body) as answer:
            assert answer.status == 202, await answer.text()
            self.jobs[name] = (await answer.json())["jobId"]

    async def job(self, daemon: Daemon, name: str) -> dict[str, Any]:
        async with self.client.get(f"{daemon.base}/v1/jobs/{self.jobs[name]}") as answer:
            job: dict[str, Any] = await answer.json()
            return job

    async def settle(self, daemon: Daemon) -> dict[str, str]:
        """Wait until no job waits for a slot or runs → their states."""
        with anyio.fail_after(30):
            while True:
                states = {name: (await self.job(daemon, name))["state"] for name in self.jobs}
                if SETTLED.issuperset(states.values()):
                    return states
                await anyio.sleep(0.02)

    def asked(self) -> dict[str, int]:
        return {name: self.origin.counts[f"/u/{name}"] for name in WAYS}

    async def told(self, name: str, count: int = 1) -> list[tuple[str, dict[str, Any]]]:
        """Wait for a job's callbacks → their ids and bodies, each signed and with the token."""
        with anyio.fail_after(30):
            while True:
                found = [(one, json.loads(one.body)) for one in self.site.received]
                mine = [(one, body) for one, body in found if body["mongoId"] == name]
                if len(mine) >= count:
                    break
                await anyio.sleep(0.02)
        for one, _ in mine:
            assert one.headers["Authorization"] == f"Bearer {TOKEN}"
            Webhook(TOKEN.encode()).verify(one.body, one.headers)
        return [(one.headers["webhook-id"], body) for one, body in mine]


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Scene]:
    tape = write_zip(folder / "t.zip", small_entries()).read_bytes()
    async with running_origin(tape) as origin, running_site() as site, aiohttp.ClientSession() as client:
        yield Scene(origin=origin, site=site, client=client)


async def put_forward(clock: Clock, now_ms: int, at: Scene, daemon: Daemon) -> dict[str, str]:
    """Put the clock forward; a new job makes the daemon look at it, and is begun after all that are due."""
    clock.put(now_ms)
    await at.convert(daemon, f"new-{now_ms}")
    return await at.settle(daemon)


async def test_ten_conversions_whose_origin_fails(tmp_path: Path) -> None:
    """Each is tried as often as may help, no sooner than promised; ends once; is told of once."""
    clock = standing_clock(tmp_path)
    settings = {**SETTINGS, "OVEN_FETCH_TIMEOUT_S": "2"}
    async with scene(tmp_path) as at:
        at.origin.ways = {f"/u/{name}": ways for name, (ways, _, _) in WAYS.items()}
        with running_daemon(tmp_path / "data", oven=clock.oven, **settings) as daemon:
            await at.convert(daemon, NOWHERE, zipUrl="https://nobody.invalid/u/nowhere")
            for name in WAYS:
                await at.convert(daemon, name)
            states = await at.settle(daemon)
            # By now no time has passed at all: nobody has waited for those that failed.
            assert {name for name, state in states.items() if state == "done"} == {"good"}
            assert {name for name, state in states.items() if state == "failed"} == {"gone", "page"}
            assert set(at.asked().values()) == {1}
            now_ms = clock.now_ms()
            for shortest_ms, longest_ms in WAITS_MS:
                asked = at.asked()
                await put_forward(clock, now_ms + shortest_ms - 1, at, daemon)
                assert at.asked() == asked
                now_ms += longest_ms
                states = await put_forward(clock, now_ms, at, daemon)
            assert "retrying" not in states.values()
            for name, (_, requests, code) in {NOWHERE: ([], 4, "DNS_FAILED"), **WAYS}.items():
                job = await at.job(daemon, name)
                ((_, told),) = await at.told(name)
                assert told.pop("jobId") == job["id"]
                assert (name, job["attempt"], job["run"]) == (name, requests, 1)
                if code:
                    assert told == {
                        "mongoId": name,
                        "status": "error",
                        "error": job["error"]["message"],
                        "errorCode": code,
                    }
                else:
                    assert (name, told["status"]) == (name, "complete")
            assert at.asked() == {name: requests for name, (_, requests, _) in WAYS.items()}
            # All that there is to tell has been told.
            assert daemon.stop() == 0
    ids = [one.headers["webhook-id"] for one in at.site.received]
    assert len(ids) == len(set(ids)) == len(at.jobs)


async def test_an_admins_retry(tmp_path: Path) -> None:
    """Once the origin is well again the next run ends well, and has a callback of its own."""
    async with scene(tmp_path) as at:
        at.origin.ways = {"/u/tape": [status(403), fine]}
        with running_daemon(tmp_path / "data", **SETTINGS) as daemon:
            await at.convert(daemon, "tape")
            await at.told("tape")
            url = f"{daemon.base}/v1/jobs/{at.jobs['tape']}/retry"
            async with at.client.post(url) as answer:
                assert (answer.status, (await answer.json())["run"]) == (202, 2)
            (first, error), (second, complete) = await at.told("tape", 2)
            assert (error["status"], complete["status"]) == ("error", "complete")
            assert (await at.job(daemon, "tape"))["state"] == "done"
            # What is done may be done again, too, but only what has ended.
            at.origin.ways = {"/u/tape": [hanging]}
            for expected in (202, 409):
                async with at.client.post(url) as answer:
                    assert answer.status == expected
    assert first != second
    assert len(at.site.received) == 2


async def test_a_conversion_whose_daemon_was_killed(tmp_path: Path) -> None:
    """Is taken up again by the next one, and is done and told of once."""
    gate = anyio.Event()
    async with scene(tmp_path) as at:
        at.origin.ways = {"/u/tape": [trickling(gate), fine]}
        settings = {**SETTINGS, "PORT": str(free_port())}
        with running_daemon(tmp_path / "data", **settings) as daemon:
            await at.convert(daemon, "tape")
            await at.origin.asked("/u/tape")
            assert (await at.job(daemon, "tape"))["state"] == "running"
            daemon.kill()
        with running_daemon(tmp_path / "data", **settings) as daemon:
            ((_, told),) = await at.told("tape")
            job = await at.job(daemon, "tape")
            assert daemon.stop() == 0
    assert (told["status"], told["jobId"]) == ("complete", job["id"])
    assert (job["state"], job["run"], job["attempt"]) == ("done", 1, 2)
    assert at.origin.counts["/u/tape"] == 2
    assert len(at.site.received) == 1
