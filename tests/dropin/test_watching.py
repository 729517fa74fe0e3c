"""Clients that watch a bake from its place in the queue to its end, and are cut off on the way."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
import anyio
import pytest

from tests.daemons import Daemon, running_daemon
from tests.lines import lines_of
from tests.origins import Origin, running_origin, trickling
from tests.ports import free_port
from tests.tapes import small_entries, write_zip

WATCH = Path(__file__).with_name("watch.mjs")
QUARTERS = 4
ORDER = ["queued", "running", "done"]


@dataclass
class Watcher:
    """What one client has been told of one job, over all its connections."""

    events: list[dict[str, Any]] = field(default_factory=list)
    last_id: str = ""

    @property
    def latest(self) -> dict[str, Any]:
        return self.events[-1]

    async def read(self, answer: aiohttp.ClientResponse, *, until: float, state: str) -> None:
        """Read server-sent events until the job is so far, in a state or beyond."""
        fields: dict[str, str] = {}
        async for line in answer.content:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            elif "data" in fields:
                # Only what has come whole counts, as in a browser.
                self.last_id = fields["id"]
                self.events.append(json.loads(fields["data"]))
                assert self.latest["seq"] == int(self.last_id)
                if is_past(self.latest, until=until, state=state):
                    return
                fields = {}

    async def look(
        self, socket: aiohttp.ClientWebSocketResponse, job: str, *, until: float, state: str
    ) -> None:
        """Read snapshots until the job is so far."""
        while not (self.events and is_past(self.latest, until=until, state=state)):
            shown = await socket.receive_json(timeout=20)
            found = [one for name in ("incoming", "active", "recent") for one in shown[name]]
            self.events += [one for one in found if one["jobId"] == job]


def is_past(job: dict[str, Any], *, until: float, state: str) -> bool:
    return ORDER.index(job["state"]) >= ORDER.index(state) and bool(job["progress"] >= until)


@asynccontextmanager
async def node_watcher(url: str, *options: str) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    command = ["node", str(WATCH), url, *options]

    async def events() -> AsyncIterator[dict[str, Any]]:
        async for line in lines_of(process):
            said = json.loads(line)
            assert said["data"]["seq"] == int(said["id"])
            yield said["data"]

    async with await anyio.open_process(command, stderr=None) as process:
        try:
            yield events()
            # It ends by itself, for it was told that there is nothing more.
            with anyio.fail_after(10):
                assert await process.wait() == 0
        finally:
            # Where the test has failed it would come back for ever.
            if process.returncode is None:
                process.kill()


@dataclass
class Scene:
    """One slot; the first bake keeps it while its gate is closed, the second comes in quarters."""

    origin: Origin
    client: aiohttp.ClientSession
    first: anyio.Event
    quarters: list[anyio.Event]

    async def bake(self, daemon: Daemon, name: str) -> str:
        body = {
            "mongoId": name,
            "slug": name,
            "zipUrl": f"{self.origin.base}/{name}.zip",
            "callbackUrl": f"{self.origin.base}/done",
            "callbackSecret": "a secret",
        }
        async with self.client.post(f"{daemon.base}/bake", json=body) as answer:
            assert answer.status == 202
            return str((await answer.json())["jobId"])

    def events(self, daemon: Daemon, job: str, last_id: str = "") -> Any:
        headers = {"Last-Event-ID": last_id} if last_id else {}
        return self.client.get(f"{daemon.base}/v1/jobs/{job}/events", headers=headers)

    async def job(self, daemon: Daemon, job: str) -> dict[str, Any]:
        async with self.client.get(f"{daemon.base}/v1/jobs/{job}") as answer:
            found: dict[str, Any] = await answer.json()
            return found


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    tape = write_zip(tmp_path / "t.zip", small_entries(8)).read_bytes()
    first, quarters = anyio.Event(), [anyio.Event() for _ in range(QUARTERS)]
    async with running_origin(tape) as origin, aiohttp.ClientSession() as client:
        origin.ways = {"/first.zip": [trickling(first)], "/second.zip": [trickling(*quarters)]}
        yield Scene(origin=origin, client=client, first=first, quarters=quarters)


def check_events(events: list[dict[str, Any]], *, attempts: int, twice: int = 0) -> None:
    """See that nothing went back, the end came once, and so many at most were told twice."""
    told = [(event["seq"], event["progress"], event["phase"]) for event in events]
    assert len(told) - len(set(told)) <= twice
    for earlier, later in pairwise(events):
        assert (earlier["seq"], earlier["attempt"]) <= (later["seq"], later["attempt"])
        # Only with an attempt that was killed its progress is lost.
        if attempts == 1:
            assert earlier["progress"] <= later["progress"]
    states = [event["state"] for event in events]
    assert states[0] == "queued"
    assert states.count("done") == 1
    assert states[-1] == "done"
    if attempts == 1:
        assert states == sorted(states, key=ORDER.index)
    assert (events[-1]["attempt"], events[-1]["progress"]) == (attempts, 1)
    assert any(0 < event["progress"] < 1 for event in events)


@pytest.mark.parametrize("how", ["cut off", "killed"])
async def test_a_bake_from_queued_to_done(scene: Scene, tmp_path: Path, how: str) -> None:
    """Whoever comes back goes on from where they were: every state, the latest, and nothing twice."""
    settings = {"OVEN_CONCURRENCY": "1", "PORT": str(free_port())}
    sse, ws = Watcher(), Watcher()
    node: list[dict[str, Any]] = []
    async with AsyncExitStack() as stack:
        with running_daemon(tmp_path / "data", **settings) as daemon:
            first = await scene.bake(daemon, "first")
            await scene.origin.asked("/first.zip")
            second = await scene.bake(daemon, "second")
            url = f"{daemon.base}/v1/jobs/{second}/events"
            options = ["cut"] if how == "cut off" else []
            told = await stack.enter_async_context(node_watcher(url, *options))
            node.append(await anext(told))
            async with (
                scene.events(daemon, second) as answer,
                scene.client.ws_connect(f"{daemon.base}/ws") as socket,
            ):
                await sse.read(answer, until=0, state="queued")
                await ws.look(socket, second, until=0, state="queued")
                assert [one.events[0]["state"] for one in (sse, ws)] == ["queued", "queued"]
                scene.first.set()
                scene.quarters[0].set()
                await sse.read(answer, until=0.001, state="running")
                await ws.look(socket, second, until=0.001, state="running")
                while not node[-1]["progress"]:
                    node.append(await anext(told))
                if how == "killed":
                    daemon.kill()
            if how == "cut off":
                # Both have hung up; what happens now they are not told, but a neighbour is.
                known = sse.latest["progress"]
                scene.quarters[1].set()
                async with scene.events(daemon, second) as answer:
                    await Watcher().read(answer, until=known + 0.001, state="running")
            else:
                stack.enter_context(running_daemon(tmp_path / "data", **settings))
            await see_the_end(scene, daemon, second, sse, ws)
            # The Node client is asked last: it has come back by itself.
            with anyio.fail_after(20):
                node += [event async for event in told]
            job = await scene.job(daemon, second)
            async with scene.client.get(f"{daemon.base}/v1/jobs/{first}/events") as answer:
                # Of the first one nobody asked until now: its end is still there.
                late = Watcher()
                await late.read(answer, until=1, state="done")
    assert late.latest["state"] == "done"
    attempts = 1 if how == "cut off" else 2
    check_events(sse.events, attempts=attempts)
    # It was gone for a moment only: how far the job is may be what it knew.
    check_events(node, attempts=attempts, twice=1)
    assert sse.latest["seq"] == node[-1]["seq"] == job["seq"]
    assert sse.latest["result"] == job["result"]
    states = [event["state"] for event in ws.events]
    assert (states[0], states[-1], ws.latest["success"]) == ("queued", "done", True)
    if attempts == 1:
        assert [event["progress"] for event in ws.events] == sorted(event["progress"] for event in ws.events)


async def see_the_end(scene: Scene, daemon: Daemon, job: str, sse: Watcher, ws: Watcher) -> None:
    """Come back with the last id, see that it goes on, let the rest come, and see the end."""
    async with (
        scene.events(daemon, job, sse.last_id) as answer,
        scene.client.ws_connect(f"{daemon.base}/ws") as socket,
    ):
        # At once, not only when something changes again.
        with anyio.fail_after(12):
            await sse.read(answer, until=0, state="queued")
        assert sse.latest["state"] != "done"
        for gate in scene.quarters:
            gate.set()
        await sse.read(answer, until=1, state="done")
        # Then the stream is over.
        assert await answer.content.read() == b""
        await ws.look(socket, job, until=1, state="done")
    async with scene.events(daemon, job, sse.last_id) as answer:
        assert answer.status == 204
