"""Progress that is posted, by the clock of the test and to real receivers."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import ip_network
from itertools import pairwise
from pathlib import Path
from typing import Any

import anyio
import pytest
from aiohttp import web
from standardwebhooks.webhooks import Webhook
from structlog.testing import capture_logs

from oven.adapters import progress_posts as module
from oven.adapters.database.engine import open_database
from oven.adapters.database.jobs import JobTable
from oven.adapters.database.outbox import OutboxTable
from oven.adapters.egress import Egress, EgressPolicy
from oven.adapters.progress_posts import AGAIN_S, ProgressPosts
from oven.adapters.sealing import open_sealer
from oven.adapters.webhooks import Sender
from oven.domain.job import Callback, JobState, Lane, NewJob
from oven.pipeline.board import Board
from oven.pipeline.outlook import Outlooks
from oven.pipeline.progress import Live
from oven.pipeline.pulse import Pulse
from oven.pipeline.service import Service
from oven.recipes.book import BOOK
from oven.recipes.plan import Limits, Outcome
from tests.site import Received, Site, running_site

NOW_MS = 1_790_000_000_000
SECRET, TOKEN = "a secret that the site knows", "the operator's token"
DONE = Outcome(state=JobState.DONE, result={}, callback={})


@dataclass
class Oven:
    """Jobs without an engine, who posts of them, and a clock that runs only where posts wait for it."""

    service: Service
    posts: ProgressPosts
    site: Site
    live: dict[str, Live]
    now_s: float = 0.0

    def answer(self, status: int) -> list[float]:
        """Answer all that comes → when it came."""
        times: list[float] = []

        def take() -> web.Response:
            times.append(self.now_s)
            return web.Response(status=status)

        self.site.answers = [take] * 999
        return times

    async def rest(self, seconds: float) -> None:
        self.now_s += seconds
        await anyio.sleep(0.001)

    async def submit(self, name: str = "j", *, path: str = "/progress?k=1", **changes: Any) -> None:
        sealer = self.posts.sender.sealer
        new = NewJob(
            id=name,
            kind="bake",
            owner="",
            identity=name,
            output_key="",
            request={"video": ["b", "v.mp4"], "echo": {"mongoId": "m", "slug": "s", "code": None}},
            callback=Callback(url="https://example.com/done", sealed_secret=sealer.seal(SECRET)),
            progress_url=sealer.seal_url(self.site.base + path),
        )
        await self.service.submit(replace(new, **changes))

    async def claim(self, name: str = "j") -> None:
        record = await self.service.jobs.claim(f"token-{name}", now_ms=NOW_MS, lease_ms=9)
        assert record is not None
        assert record.id == name

    async def finish(self, name: str = "j") -> None:
        assert await self.service.jobs.finish(name, f"token-{name}", DONE, now_ms=NOW_MS) is not None

    async def until(self, *, said: dict[str, Any], timeout_s: float = 10) -> list[dict[str, Any]]:
        """Wait until a post has come that says so."""
        with anyio.fail_after(timeout_s):
            while not any(said.items() <= body.items() for body in self.told):
                await self.site.arrived.wait()
        return self.told

    async def until_over(self, name: str = "j") -> None:
        """Wait until nothing more is to be told of a job as it is now."""
        record = await self.service.jobs.get(name)
        assert record is not None
        latest = self.posts.board._latest
        with anyio.fail_after(10):
            while name not in latest or latest[name].seq < record.seq or name in self.posts._feeds:
                await anyio.sleep(0.005)

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(received.body) for received in self.site.received]

    @property
    def states(self) -> list[str]:
        return [body["state"] for body in self.told]


@pytest.fixture
async def oven(tmp_path: Path, limits: Limits) -> AsyncIterator[Oven]:
    pulse = Pulse()
    live: dict[str, Live] = {}
    async with (
        open_database(tmp_path, committed=pulse.beat) as database,
        running_site() as site,
        anyio.create_task_group() as group,
    ):
        service = Service(
            jobs=JobTable(database=database),
            attempts=None,  # type: ignore[arg-type] # not asked
            outbox=OutboxTable(database=database),
            book=BOOK,
            limits=limits,
            queue_limit=999,
            now_ms=lambda: NOW_MS,
            wake=lambda: None,
            interrupt=lambda _: None,
            deliver=lambda: None,
            outlooks=Outlooks(
                book=BOOK, slots=dict.fromkeys(Lane, 2), now_ms=lambda: NOW_MS, progress_of=live.get
            ),
            pulse=pulse,
        )
        made: list[Oven] = []
        board = Board(service=service)
        posts = ProgressPosts(
            board=board,
            sender=Sender(
                egress=Egress(policy=EgressPolicy(networks=(ip_network("127.0.0.0/8"),))),
                sealer=open_sealer(tmp_path),
                hosts=frozenset(),
                token=TOKEN,
                now_ms=lambda: NOW_MS,
            ),
            now_ms=lambda: NOW_MS,
            clock_s=lambda: made[0].now_s,
            sleep=lambda seconds: made[0].rest(seconds),  # noqa: PLW0108 - made later
        )
        made.append(Oven(service=service, posts=posts, site=site, live=live))
        group.start_soon(posts.run)
        group.start_soon(lambda: board.follow(posts.hear, after=0))
        yield made[0]
        group.cancel_scope.cancel()


def verify(received: Received, secret: str = SECRET) -> None:
    """Check a signature by the library, but for its clock, which is not the test's."""
    at = datetime.fromtimestamp(int(received.headers["webhook-timestamp"]), UTC)
    signed = Webhook(secret.encode()).sign(received.headers["webhook-id"], at, received.body.decode())
    assert signed == received.headers["webhook-signature"]


async def test_from_queued_to_done(oven: Oven) -> None:
    """Each state, signed as the callback is, under an id of its own, to the address as it was given."""
    await oven.submit()
    await oven.until(said={"state": "queued", "position": 1})
    await oven.claim()
    oven.live["j"] = Live(0.3, "encode", 1.5, 48, NOW_MS - 10_000)
    await oven.until(said={"state": "running", "progress": 0.3, "phase": "encode", "speed": 1.5})
    await oven.finish()
    await oven.until_over()
    last = oven.told[-1]
    assert (last["state"], last["progress"], last["position"], last["etaS"]) == ("done", 1.0, None, None)
    assert list(last) == [
        *("mongoId", "slug", "code", "type", "jobId", "state", "run", "attempt", "seq", "progress", "phase"),
        *("position", "speed", "etaS", "at"),
    ]
    assert (last["mongoId"], last["type"], last["jobId"]) == ("m", "progress", "j")
    assert [body["seq"] for body in oven.told] == sorted(body["seq"] for body in oven.told)
    for received in oven.site.received:
        verify(received)
        assert received.path == "/progress?k=1"
        assert SECRET.encode() not in received.body
        assert "Authorization" not in received.headers
    ids = {received.headers["webhook-id"] for received in oven.site.received}
    assert len(ids) == len(oven.told)


async def test_once_a_second_at_most(oven: Oven) -> None:
    """However fast it moves, and then what is true by then: nothing is queued."""
    times = oven.answer(200)
    await oven.submit()
    await oven.claim()
    pulse = oven.service.pulse
    for step in range(100):
        oven.live["j"] = Live(step / 100, "encode", None, None, NOW_MS)
        pulse.beat()
        await anyio.sleep(0.01)
    await oven.finish()
    await oven.until_over()
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(times) > 3
    assert min(gaps) >= 1.0
    progress = [body["progress"] for body in oven.told]
    assert progress == sorted(progress)
    assert len(progress) < 50
    assert oven.states[-1] == "done"


async def test_who_moves_up_is_told(oven: Oven) -> None:
    """A place in the line is news."""
    for name in ("first", "second"):
        await oven.submit(name)
    await oven.until(said={"jobId": "second", "position": 2})
    await oven.service.cancel("first", owner=None)
    await oven.until(said={"jobId": "second", "position": 1})
    await oven.until(said={"jobId": "first", "state": "cancelled"})


async def test_an_end_that_is_not_taken(oven: Oven) -> None:
    """The same bytes under the same id, a few times, with pauses; then it is left to the callback."""
    times = oven.answer(500)
    with capture_logs() as logs:
        await oven.submit()
        await oven.service.cancel("j", owner=None)
        await oven.until_over()
    ends = [received for received in oven.site.received if b"cancelled" in received.body]
    assert len(ends) == 1 + len(AGAIN_S)
    assert len({(end.body, end.headers["webhook-id"]) for end in ends}) == 1
    pauses = [later - earlier for earlier, later in pairwise(times)][-len(AGAIN_S) :]
    assert pauses == pytest.approx(AGAIN_S, abs=0.01)
    said = [entry for entry in logs if entry["event"] == "progress_not_posted"]
    assert [(entry["job"], entry["status"]) for entry in said] == [("j", 500)]


async def test_what_fails_on_the_way_is_not_sent_again(oven: Oven) -> None:
    """The next change is; and an end that is taken at its second try is not sent a third time."""
    refuse = lambda: web.Response(status=500)  # noqa: E731 - an answer
    oven.site.answers = [refuse]
    await oven.submit()
    await oven.site.wait_for(1)
    await anyio.sleep(0.1)
    assert oven.states == ["queued"]
    await oven.claim()
    await oven.until(said={"state": "running"})
    oven.site.answers = [refuse]
    await oven.finish()
    await oven.until_over()
    assert oven.states == ["queued", "running", "done", "done"]


async def test_gone(oven: Oven) -> None:
    """410 ends the posts of a job; its next run is asked about anew, other jobs are told."""
    oven.site.answers = [lambda: web.Response(status=410)]
    await oven.submit()
    await oven.until_over()
    await oven.claim()
    await oven.finish()
    await oven.submit("other")
    await oven.until(said={"jobId": "other"})
    assert [body["jobId"] for body in oven.told] == ["j", "other"]
    assert oven.posts._gone == {}
    await oven.service.retry("j", owner=None)
    await oven.until(said={"jobId": "j", "run": 2})


async def test_gone_for_one_run(oven: Oven) -> None:
    """The next one is told, also where it follows before the end was heard of."""
    oven.site.answers = [lambda: web.Response(status=410)]
    await oven.submit()
    await oven.until_over()
    await oven.service.cancel("j", owner=None)
    await oven.service.retry("j", owner=None)
    await oven.until(said={"jobId": "j", "run": 2})


async def test_a_redirect_is_not_followed(oven: Oven) -> None:
    """It is no success either."""
    answer = {"Location": oven.site.base + "/there"}
    oven.site.answers = [lambda: web.Response(status=302, headers=answer)] * 99
    await oven.submit()
    await oven.service.cancel("j", owner=None)
    await oven.until_over()
    assert {received.path for received in oven.site.received} == {"/progress?k=1"}


async def test_the_operators_token(oven: Oven) -> None:
    """Goes with the posts of those whose callbacks it goes with, which it signs; to listed hosts alone."""
    bearer = Callback(url="https://example.com/done", is_bearer=True)
    await oven.submit(callback=bearer)
    (received,) = await oven.site.wait_for(1)
    assert received.headers["Authorization"] == f"Bearer {TOKEN}"
    verify(received, TOKEN)
    with capture_logs() as logs:
        await oven.submit("far", callback=bearer, progress_url="https://localhost.example/p")
        await oven.service.cancel("far", owner=None)
        await oven.until_over("far")
    assert [entry["event"] for entry in logs if entry.get("job") == "far"].count("progress_not_posted") == 1
    assert "may not be told" in str(logs)


async def test_a_job_without_a_callback(oven: Oven) -> None:
    """Is told unsigned, for there is nothing to sign by."""
    await oven.submit(callback=None)
    (received,) = await oven.site.wait_for(1)
    assert "webhook-signature" not in received.headers


async def test_receivers_that_hang(oven: Oven, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cost the others nothing; their own ends are given up in time, and nothing is kept of them."""
    monkeypatch.setattr(module, "LAST_S", 0.3)
    hold = anyio.Event()
    async with running_site() as dead:
        dead.hold = hold
        try:
            for number in range(40):
                await oven.submit(f"dead{number}", progress_url=f"{dead.base}/p")
                await oven.service.cancel(f"dead{number}", owner=None)
            await dead.wait_for(module.AT_ONCE_A_HOST)
            await oven.submit("alive")
            await oven.until(said={"jobId": "alive", "state": "queued"}, timeout_s=3)
            await oven.service.cancel("alive", owner=None)
            await oven.until(said={"jobId": "alive", "state": "cancelled"}, timeout_s=3)
            for number in range(40):
                await oven.until_over(f"dead{number}")
        finally:
            hold.set()
    assert oven.posts._feeds == {}
    assert oven.posts.turns._hosts == {}


async def test_never_two_at_once(oven: Oven) -> None:
    """While one is on its way whatever happens waits for it; then the latest goes."""
    oven.site.hold = anyio.Event()
    await oven.submit()
    await oven.site.wait_for(1)
    await oven.claim()
    await oven.finish()
    await anyio.sleep(0.4)
    assert oven.states == ["queued"]
    oven.site.hold.set()
    await oven.until_over()
    assert oven.states == ["queued", "done"]


async def test_a_next_run_meanwhile(oven: Oven) -> None:
    """A run that begins while the end of the last one is being told is told, too."""
    oven.site.hold = anyio.Event()
    await oven.submit()
    await oven.service.cancel("j", owner=None)
    await oven.site.wait_for(1)
    await oven.service.retry("j", owner=None)
    await anyio.sleep(0.3)
    oven.site.hold.set()
    await oven.until(said={"run": 2, "state": "queued"})


async def test_draining(oven: Oven, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ends are waited for, for a while; what waits for another time is not."""
    await oven.submit("waits")
    await oven.until(said={"jobId": "waits"})
    oven.site.hold = anyio.Event()
    await oven.submit("ended")
    await oven.service.cancel("ended", owner=None)
    await oven.site.wait_for(2)
    with anyio.fail_after(5):
        while not oven.posts._feeds["ended"].heard.state.is_final:
            await anyio.sleep(0.01)
    monkeypatch.setattr(module, "DRAIN_S", 0.1)
    await oven.posts.drain()
    assert "ended" in oven.posts._feeds
    monkeypatch.setattr(module, "DRAIN_S", 5)
    oven.site.hold.set()
    with anyio.fail_after(4):
        await oven.posts.drain()
    assert set(oven.posts._feeds) == {"waits"}


async def test_what_nobody_foresaw(oven: Oven) -> None:
    """Of one job's posts does not end the others'."""
    await oven.submit("bad", callback=Callback(url="", sealed_secret="no such seal"))
    await oven.submit()
    await oven.until(said={"jobId": "j"})
