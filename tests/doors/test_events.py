"""GET /v1/jobs/{id}/events."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import aiohttp
import anyio
import pytest

from oven.domain.job import JobRecord, JobState
from oven.doors import events as module
from oven.doors.access import Access
from oven.doors.events import HEARTBEAT, EventsDoor
from oven.doors.job import JobEventJson
from oven.doors.watchers import Watchers
from oven.pipeline.board import Board
from tests.daemons import Daemon, running_daemon
from tests.doors.conftest import OUTSIDE
from tests.doors.test_jobs import RECORD
from tests.doors.watching import idle_client, served, until_cut_off
from tests.site import Site, running_site
from tests.tapes import small_entries, write_zip

NOTHING: Any = cast("Any", None)
Event = tuple[str, dict[str, Any]]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with running_site() as made:
        made.files["/tape.zip"] = write_zip(tmp_path / "t.zip", small_entries()).read_bytes()
        yield made


@asynccontextmanager
async def watching(
    client: aiohttp.ClientSession, daemon: Daemon, job: str, last: str = ""
) -> AsyncIterator[AsyncIterator[Event]]:
    """Read events as a browser does: their ids and their data."""
    headers = {"Last-Event-ID": last} if last else {}
    async with client.get(f"{daemon.base}/v1/jobs/{job}/events", headers=headers) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/event-stream"

        async def events() -> AsyncIterator[Event]:
            fields: dict[str, str] = {}
            async for line in answer.content:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name:
                    fields[name] = value
                elif "data" in fields:
                    assert fields["event"] == "job"
                    yield fields["id"], json.loads(fields["data"])
                    fields = {}

        yield events()


async def submit(client: aiohttp.ClientSession, daemon: Daemon, site: Site, name: str = "tape") -> str:
    async with client.post(f"{daemon.base}/bake", json=site.ask(name)) as answer:
        assert answer.status == 202
        return str((await answer.json())["jobId"])


async def test_a_bake_from_queued_to_done(client: aiohttp.ClientSession, tmp_path: Path, site: Site) -> None:
    """Each state in its order, progress never back, the end last; then the stream is over."""
    with running_daemon(tmp_path / "data", OVEN_CONCURRENCY="1") as daemon:
        job = await submit(client, daemon, site)
        with anyio.fail_after(30):
            async with watching(client, daemon, job) as events:
                seen = [event async for event in events]
    states = [said["state"] for _, said in seen]
    assert states == sorted(states, key=["queued", "running", "done"].index)
    assert states[-1] == "done"
    assert [said["progress"] for _, said in seen] == sorted(said["progress"] for _, said in seen)
    assert [int(number) for number, _ in seen] == sorted(int(number) for number, _ in seen)
    assert all(int(number) == said["seq"] for number, said in seen)
    assert seen[-1][1]["result"]["frames"] == 4
    # Its callback goes on after the stream: nothing is said of it here.
    assert all(set(said) == set(JobEventJson.__annotations__) for _, said in seen)
    assert "callback" not in JobEventJson.__annotations__


async def test_who_comes_back_misses_nothing(
    client: aiohttp.ClientSession, tmp_path: Path, site: Site
) -> None:
    """Cut off in the middle, the next stream goes on; who knows the end is told to stay away."""
    site.files["/long.zip"] = write_zip(tmp_path / "l.zip", small_entries(90)).read_bytes()
    with running_daemon(tmp_path / "data") as daemon:
        body = site.ask("long", metadata={"scaledSize": [1920, 1920]})
        async with client.post(f"{daemon.base}/bake", json=body) as answer:
            job = (await answer.json())["jobId"]
        with anyio.fail_after(40):
            async with watching(client, daemon, job) as events:
                first, said = await anext(events)
            assert said["state"] in {"queued", "running"}
            async with watching(client, daemon, job, first) as events:
                rest = [event async for event in events]
        assert rest[-1][1]["state"] == "done"
        last = rest[-1][0]
        assert int(last) > int(first)
        # Late, without a word of what is known: the end, at once.
        async with watching(client, daemon, job) as events:
            assert [event async for event in events] == [rest[-1]]
        url = f"{daemon.base}/v1/jobs/{job}/events"
        async with client.get(url, headers={"Last-Event-ID": last}) as answer:
            assert answer.status == 204


async def test_a_job_that_waits_is_silent(client: aiohttp.ClientSession, tmp_path: Path, site: Site) -> None:
    """Other jobs' changes are not told; its own cancellation is."""
    with running_daemon(tmp_path / "data", OVEN_CONCURRENCY="1") as daemon:
        site.files["/slow.zip"] = write_zip(tmp_path / "s.zip", small_entries(60)).read_bytes()
        async with client.post(
            f"{daemon.base}/bake", json=site.ask("slow", metadata={"scaledSize": [1920, 1920]})
        ):
            waiting = await submit(client, daemon, site)
        with anyio.fail_after(20):
            async with watching(client, daemon, waiting) as events:
                _, said = await anext(events)
                assert said["state"] == "queued"
                async with client.delete(f"{daemon.base}/v1/jobs/{waiting}") as answer:
                    assert answer.status == 200
                _, said = await anext(events)
                assert (said["state"], said["error"]["code"]) == ("cancelled", "CANCELLED")
                assert [event async for event in events] == []


async def test_who_may_watch(client: aiohttp.ClientSession, daemon: Daemon) -> None:
    """The admin, and of what is there."""
    url = f"{daemon.base}/v1/jobs/{'0' * 32}/events"
    async with client.get(url, headers=OUTSIDE) as answer:
        assert answer.status == 401
    async with client.get(url) as answer:
        assert answer.status == 404


async def test_a_daemon_that_stops(client: aiohttp.ClientSession, tmp_path: Path, site: Site) -> None:
    """Watchers do not hold it up."""
    site.files["/slow.zip"] = write_zip(tmp_path / "s.zip", small_entries(60)).read_bytes()
    with running_daemon(tmp_path / "data", OVEN_DRAIN_S="0") as daemon:
        body = site.ask("slow", metadata={"scaledSize": [3840, 3840]})
        async with client.post(f"{daemon.base}/bake", json=body) as answer:
            job = (await answer.json())["jobId"]
        async with watching(client, daemon, job) as events:
            await anext(events)
            assert daemon.stop(timeout_s=15) == 0


class OneJob(Board):
    """A board with one job that runs; it grows by so much each time it is looked at."""

    growth: int = 0
    seq: int = 0

    async def look(self, job_id: str, *, owner: str | None) -> JobRecord:  # noqa: ARG002 - as the board has it
        self.seq += min(self.growth, 1)
        result = {"x": "x" * self.growth}
        return replace(RECORD, state=JobState.RUNNING, seq=self.seq, result=result, error=None)


@pytest.fixture
async def door(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EventsDoor]:
    """A door with short patience, on a board that beats all the time, for others' jobs."""
    for name, seconds in (("HEARTBEAT_S", 0.3), ("EVERY_S", 0.01), ("SEND_TIMEOUT_S", 0.3)):
        monkeypatch.setattr(module, name, seconds)
    board = OneJob(service=NOTHING)
    made = EventsDoor(board=board, access=Access(admin_token="", identify=NOTHING), watchers=Watchers())

    async def beat() -> None:
        while True:
            board.pulse.beat()
            await anyio.sleep(0.01)

    async with anyio.create_task_group() as group:
        group.start_soon(beat)
        yield made
        group.cancel_scope.cancel()


async def test_a_quiet_job_among_busy_ones(client: aiohttp.ClientSession, door: EventsDoor) -> None:
    """Is told of by heartbeats, so no proxy closes the stream."""
    async with served(door) as port:
        with anyio.fail_after(5):
            async with client.get(f"http://127.0.0.1:{port}/v1/jobs/j/events") as answer:
                lines = [await answer.content.readline() for _ in range(8)]
            assert lines.count(HEARTBEAT.splitlines(keepends=True)[0]) == 2


async def test_who_has_gone(
    client: aiohttp.ClientSession, door: EventsDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Makes room at the next beat, whatever there is to tell."""
    monkeypatch.setattr(module, "HEARTBEAT_S", 60)
    async with served(door) as port:
        async with client.get(f"http://127.0.0.1:{port}/v1/jobs/j/events") as answer:
            await answer.content.readline()
            assert door.watchers.count == 1
        with anyio.fail_after(5):
            while door.watchers.count:
                await anyio.sleep(0.02)


async def test_who_takes_nothing(door: EventsDoor) -> None:
    """Is cut off, and what was kept for them is gone."""
    assert isinstance(door.board, OneJob)
    door.board.growth = 1 << 20
    async with served(door) as port:
        with idle_client(port, "/v1/jobs/j/events") as lazy:
            await until_cut_off(lazy, within_s=10)
        assert door.watchers.count == 0


async def test_the_head_of_a_stream(client: aiohttp.ClientSession, door: EventsDoor) -> None:
    """Is not given: what would follow it is no body."""
    async with (
        served(door) as port,
        client.head(f"http://127.0.0.1:{port}/v1/jobs/j/events") as answer,
    ):
        assert (answer.status, door.watchers.count) == (405, 0)
