"""The embedded engine, in the test's own process and by its clock."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from oven import app
from oven.adapters.database.attempts import AttemptTable
from oven.adapters.database.engine import Database, open_database
from oven.adapters.database.expiry import ExpiredJobTable
from oven.adapters.database.jobs import JobTable
from oven.adapters.storage.local import LocalStorage
from oven.adapters.workspace import JobFolders
from oven.domain.errors import Code, OvenError, TransientError
from oven.domain.job import JobRecord, JobState, Lane, NewJob
from oven.engines import embedded as module
from oven.engines.embedded import EmbeddedEngine
from oven.engines.endings import Endings
from oven.engines.recovery import Recovery
from oven.pipeline.progress import Live
from oven.pipeline.removals import Removals
from oven.recipes.plan import Limits, Outcome, Phase, Recipe, Results
from oven.recipes.steps import Publish, Step, TakeLocal, Target
from oven.settings import Settings

NOW_MS = 1_790_000_000_000


@dataclass
class Site:
    """Files whose taking can be held up, or fail, by their names."""

    real: Any
    begun: list[str] = field(default_factory=list)
    held: dict[str, anyio.Event] = field(default_factory=dict)
    failures: dict[str, list[OvenError]] = field(default_factory=dict)

    async def adopt(self, source: Path, into: Path, *, max_bytes: int) -> Mapping[str, Any]:
        self.begun.append(source.name)
        if source.name in self.held:
            await self.held[source.name].wait()
        if self.failures.get(source.name):
            raise self.failures[source.name].pop(0)
        result: Mapping[str, Any] = await self.real.adopt(source, into, max_bytes=max_bytes)
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def next_steps(request: Mapping[str, Any], results: Results, _: Limits) -> tuple[Step, ...]:
    path = str(request["path"])
    return () if results else (TakeLocal(name="take", phase="p", path=path, file="f", max_bytes=99),)


def finish(_: Any, results: Results | OvenError, __: Limits) -> Outcome:
    if isinstance(results, OvenError):
        return Outcome(state=JobState.FAILED, error=results)
    return Outcome(state=JobState.DONE, result={"size": results["take"]["sizeBytes"]})


TAKE = Recipe(kind="take", phases=(Phase("p", 1),), read=dict, next_steps=next_steps, finish=finish)


def then_publish(request: Mapping[str, Any], results: Results, limits: Limits) -> tuple[Step, ...]:
    if "take" not in results:
        return next_steps(request, results, limits)
    target = Target("b", "film")
    put = Publish(
        name="publish",
        phase="p",
        source="take/f",
        artifact="film",
        target=target,
        content_type="video/mp4",
        is_public=True,
    )
    return () if "publish" in results else (put,)


BOOK = {
    "take": TAKE,
    "put": replace(TAKE, kind="put", next_steps=then_publish),
    "carry": replace(TAKE, kind="carry", lane=Lane.IMPORT),
    "carry-too": replace(TAKE, kind="carry-too", lane=Lane.IMPORT),
    "show": replace(TAKE, kind="show", lane=Lane.IMAGE),
}


@dataclass
class Oven:
    """An engine, its table, its files and its clock."""

    engine: EmbeddedEngine
    site: Site
    folder: Path
    database: Database
    now_ms: int = NOW_MS
    moves: list[Live | None] = field(default_factory=list)

    async def submit(self, name: str, *, kind: str = "take", output_key: str = "") -> None:
        (self.folder / name).write_bytes(b"data")
        new = NewJob(
            id=name,
            kind=kind,
            owner="",
            identity=name,
            output_key=output_key,
            request={"path": str(self.folder / name)},
        )
        await self.engine.jobs.submit(new, now_ms=self.now_ms, queue_limit=99)
        self.engine.wake()

    async def until(self, name: str, *states: JobState) -> JobRecord:
        with anyio.fail_after(10):
            while True:
                record = await self.engine.jobs.get(name)
                if record is not None and record.state in states:
                    return record
                await anyio.sleep(0.01)

    async def until_running(self, *names: str) -> None:
        with anyio.fail_after(10):
            while set(self.engine.running) != set(names):
                await anyio.sleep(0.01)


@pytest.fixture
async def oven(tmp_path: Path, settings: Settings, limits: Limits) -> AsyncIterator[Oven]:
    async with open_database(tmp_path / "data") as database:
        jobs = JobTable(database=database)
        tools = await app.tools_of(settings, LocalStorage(buckets={"b": tmp_path / "store"}))
        site = Site(tools.files)
        made: list[Oven] = []
        tokens = iter(f"token{number}" for number in range(99))

        async def is_active(job_id: str) -> bool:
            record = await jobs.get(job_id)
            return record is not None and not record.state.is_final

        folders = JobFolders(root=tmp_path / "work", is_active=is_active)
        recovery = Recovery(
            jobs=jobs,
            folders=folders,
            book=BOOK,
            limits=limits,
            now_ms=lambda: made[0].now_ms,
            ended=lambda: None,
        )
        attempts = AttemptTable(database=database)
        endings = Endings(
            jobs=jobs,
            attempts=attempts,
            folders=folders,
            limits=limits,
            rules={},
            now_ms=lambda: made[0].now_ms,
            chance=lambda: 0,
            ended=lambda: None,
        )
        engine = EmbeddedEngine(
            jobs=jobs,
            attempts=attempts,
            tools=replace(tools, files=site),
            folders=folders,
            removals=Removals(),
            recovery=recovery,
            book=BOOK,
            limits=limits,
            endings=endings,
            slots=dict.fromkeys(Lane, 2),
            drain_s=0.1,
            now_ms=lambda: made[0].now_ms,
            new_token=partial(next, tokens),
            moved=lambda: made[0].moves.append(made[0].engine.progress_of("a")),
        )
        made.append(Oven(engine=engine, site=site, folder=tmp_path, database=database))
        yield made[0]


async def test_jobs_are_done(oven: Oven) -> None:
    """And their work directories are gone."""
    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        await oven.submit("a")
        record = await oven.until("a", JobState.DONE)
        group.cancel_scope.cancel()
    assert record.result is not None
    (step,) = record.result["steps"]
    assert (record.result["size"], step["name"], step["outcome"]) == (4, "take", "done")
    assert record.attempt == 1
    assert list((oven.folder / "work").iterdir()) == []


async def test_what_is_being_removed(oven: Oven) -> None:
    """Is not made to appear again before that is over; then it is."""
    film, removals = oven.folder / "store" / "film", oven.engine.removals
    expiry = ExpiredJobTable(database=oven.database)
    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        async with removals.of(Target("b", "film")):
            await oven.submit("a", kind="put")
            with anyio.fail_after(10):
                while not await expiry.last_objects("a"):
                    await anyio.sleep(0.01)
            await anyio.wait_all_tasks_blocked()
            assert not film.exists()
        await oven.until("a", JobState.DONE)
        group.cancel_scope.cancel()
    assert film.read_bytes() == b"data"


async def test_no_more_than_the_slots(oven: Oven) -> None:
    """The third waits for one of two; jobs of one output key for one another."""
    for name in ("a", "b", "c"):
        oven.site.held[name] = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        await oven.submit("a", output_key="k")
        await oven.submit("b", output_key="k")
        await oven.submit("c")
        await oven.submit("d")
        await oven.until_running("a", "c")
        oven.site.held["a"].set()
        await oven.until("b", JobState.RUNNING)
        oven.site.held["c"].set()
        await oven.until("d", JobState.DONE)
        group.cancel_scope.cancel()


async def test_a_full_lane_holds_up_no_other(oven: Oven) -> None:
    """Whatever waits before in others; within a lane the first accepted is the next, of whichever kind."""
    oven.engine.slots = dict.fromkeys(Lane, 1)
    submitted = (
        ("a", "take"),
        ("b", "take"),
        ("c", "carry"),
        ("d", "carry-too"),
        ("e", "carry"),
        ("f", "show"),
    )
    for name, _ in submitted:
        oven.site.held[name] = anyio.Event()
    async with anyio.create_task_group() as group:
        for name, kind in submitted:
            await oven.submit(name, kind=kind)
        group.start_soon(oven.engine.run)
        await oven.until_running("a", "c", "f")
        oven.site.held["c"].set()
        await oven.until_running("a", "d", "f")
        for held in oven.site.held.values():
            held.set()
        await oven.until("b", JobState.DONE)
        await oven.until("e", JobState.DONE)
        group.cancel_scope.cancel()
    assert oven.site.begun.index("d") < oven.site.begun.index("e")


async def test_one_output_in_two_lanes(oven: Oven) -> None:
    """Is still made by one job at a time."""
    oven.site.held["a"] = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        await oven.submit("a", output_key="k")
        await oven.submit("b", kind="carry", output_key="k")
        await oven.submit("c", kind="carry")
        await oven.until("c", JobState.DONE)
        await oven.until_running("a")
        assert oven.site.begun == ["a", "c"]
        oven.site.held["a"].set()
        await oven.until("b", JobState.DONE)
        group.cancel_scope.cancel()


async def test_a_kind_that_nobody_knows(oven: Oven) -> None:
    """Is left where it is, for an Oven that does."""
    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        await oven.submit("a", kind="unheard-of")
        await oven.submit("b")
        await oven.until("b", JobState.DONE)
        group.cancel_scope.cancel()
    record = await oven.engine.jobs.get("a")
    assert record is not None
    assert (record.state, record.attempt) == (JobState.QUEUED, 0)


async def test_waiting_is_quiet(oven: Oven, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job whose time has come, and that waits for a slot or an output, is not asked for again and again.

    Nor does it hide one whose time is to come.
    """
    looked = 0
    claim = JobTable.claim

    async def counted(self: JobTable, *args: Any, **values: Any) -> JobRecord | None:
        nonlocal looked
        looked += 1
        return await claim(self, *args, **values)

    oven.engine.slots = dict.fromkeys(Lane, 1)
    oven.site.held["a"] = anyio.Event()
    await oven.submit("later", kind="carry")
    taken = await oven.engine.jobs.claim("t", now_ms=oven.now_ms, lease_ms=1)
    assert taken is not None
    soon_ms = oven.now_ms + 300
    await oven.engine.jobs.retry_later(
        "later", "t", TransientError(Code.DOWNLOAD_FAILED, "no"), available_ms=soon_ms, now_ms=oven.now_ms
    )
    await oven.submit("a", output_key="k")
    await oven.submit("b")
    await oven.submit("c", kind="show", output_key="k")
    monkeypatch.setattr(JobTable, "claim", counted)
    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        await oven.until("a", JobState.RUNNING)
        oven.now_ms = soon_ms
        with anyio.fail_after(5):
            await oven.until("later", JobState.DONE)
        group.cancel_scope.cancel()
    assert looked <= 6


async def test_what_an_earlier_process_left(oven: Oven) -> None:
    """Running rows are dead attempts': taken up again, with the crash counted."""
    await oven.submit("a")
    await oven.engine.jobs.claim("theirs", now_ms=NOW_MS, lease_ms=999_999)
    left = oven.folder / "work" / "a" / "theirs" / "take"
    left.mkdir(parents=True)
    (oven.folder / "work" / "nobody").mkdir()
    await oven.engine.folders.sweep(lambda _: None)
    await oven.engine.recovery.recover_all()
    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        record = await oven.until("a", JobState.DONE)
        group.cancel_scope.cancel()
    assert (record.attempt, record.crashes) == (2, 1)
    assert list((oven.folder / "work").iterdir()) == []


async def test_a_job_that_kills_its_worker(oven: Oven) -> None:
    """After three crashes it is ended, and others go on."""
    await oven.submit("a")
    for token in ("t1", "t2"):
        await oven.engine.jobs.claim(token, now_ms=NOW_MS, lease_ms=1)
        await oven.engine.jobs.crash("a", token, now_ms=NOW_MS)
    await oven.engine.jobs.claim("t3", now_ms=NOW_MS, lease_ms=1)
    await oven.engine.recovery.recover_all()
    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        await oven.submit("b")
        await oven.until("b", JobState.DONE)
        record = await oven.until("a", JobState.FAILED)
        group.cancel_scope.cancel()
    assert record.error is not None
    assert record.error["code"] == "WORKER_CRASHED"
    assert "a" not in oven.site.begun


async def test_a_replaced_attempt_writes_nothing(oven: Oven, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its next beat tells it; the other's result stands."""
    monkeypatch.setattr(module, "BEAT_S", 0.02)
    # With its only slot taken the engine does not claim the job itself meanwhile.
    oven.engine.slots = dict.fromkeys(Lane, 1)
    oven.site.held["a"] = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        await oven.submit("a")
        mine = await oven.until("a", JobState.RUNNING)
        await oven.engine.jobs.crash("a", mine.token, now_ms=NOW_MS)
        await oven.engine.jobs.claim("theirs", now_ms=NOW_MS, lease_ms=999_999)
        with anyio.fail_after(5):
            while oven.engine.running:
                await anyio.sleep(0.01)
        theirs = await oven.engine.jobs.get("a")
        assert theirs is not None
        assert (theirs.state, theirs.token) == (JobState.RUNNING, "theirs")
        group.cancel_scope.cancel()


async def test_draining_hands_back(oven: Oven) -> None:
    """What does not end in time is queued again as if it had not begun; nothing new begins."""
    oven.site.held["a"] = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        await oven.submit("a")
        await oven.until("a", JobState.RUNNING)
        await oven.engine.drain()
        await oven.submit("b")
        await anyio.sleep(0.05)
        group.cancel_scope.cancel()
    for name in ("a", "b"):
        record = await oven.engine.jobs.get(name)
        assert record is not None
        assert (record.state, record.attempt, record.crashes) == (JobState.QUEUED, 0, 0)


async def test_what_an_attempt_did_is_kept(oven: Oven, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it runs, at every beat; and after its end, cancelled or not."""
    monkeypatch.setattr(module, "BEAT_S", 0.02)
    oven.site.held["a"] = anyio.Event()
    attempts = oven.engine.attempts

    async def steps() -> list[str]:
        return [step["outcome"] for found in await attempts.of_job("a") for step in found.steps]

    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        await oven.submit("a")
        with anyio.fail_after(5):
            while await steps() != [""]:
                await anyio.sleep(0.01)
        oven.site.held["a"].set()
        await oven.until("a", JobState.DONE)
        group.cancel_scope.cancel()
    assert await steps() == ["done"]


async def test_a_next_run_waits_for_the_attempt_before(oven: Oven, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that was cancelled and retried at once has one attempt here, however long the first winds up."""
    gate, winding = anyio.Event(), anyio.Event()
    discard = JobFolders.discard_attempt

    async def slow(self: JobFolders, job_id: str, token: str) -> None:
        if token == "token0":
            winding.set()
            await gate.wait()
        await discard(self, job_id, token)

    monkeypatch.setattr(JobFolders, "discard_attempt", slow)
    oven.site.held["a"] = anyio.Event()
    jobs = oven.engine.jobs
    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        await oven.submit("a")
        await oven.until("a", JobState.RUNNING)
        await jobs.end("a", Outcome(state=JobState.CANCELLED), now_ms=oven.now_ms)
        oven.engine.interrupt("a")
        await winding.wait()
        await jobs.rerun("a", now_ms=oven.now_ms, queue_limit=9)
        await oven.submit("b")
        await oven.until("b", JobState.DONE)
        record = await jobs.get("a")
        assert record is not None
        assert (record.state, record.run) == (JobState.QUEUED, 2)
        gate.set()
        record = await oven.until("a", JobState.RUNNING)
        assert list(oven.engine.running) == ["a"]
        # Its own cancellation finds it.
        await jobs.end("a", Outcome(state=JobState.CANCELLED), now_ms=oven.now_ms)
        oven.engine.interrupt("a")
        with anyio.fail_after(5):
            while oven.engine.running:
                await anyio.sleep(0.01)
        group.cancel_scope.cancel()


async def test_a_claim_while_it_is_told_to_stop(oven: Oven, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is handed back before the drain ends: nothing was begun, no crash will be counted."""
    claiming, gate = anyio.Event(), anyio.Event()
    claim = JobTable.claim

    async def slow(self: JobTable, *args: Any, **values: Any) -> JobRecord | None:
        record = await claim(self, *args, **values)
        if record is not None:
            claiming.set()
            await gate.wait()
        return record

    monkeypatch.setattr(JobTable, "claim", slow)
    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        await oven.submit("a")
        await claiming.wait()
        async with anyio.create_task_group() as stopping:
            stopping.start_soon(oven.engine.drain)
            await anyio.sleep(0.02)
            gate.set()
        group.cancel_scope.cancel()
    record = await oven.engine.jobs.get("a")
    assert record is not None
    assert (record.state, record.attempt, record.crashes) == (JobState.QUEUED, 0, 0)


async def test_a_second_word_ends_the_patience(oven: Oven) -> None:
    """What runs is handed back at once."""
    oven.engine.drain_s = 60
    oven.site.held["a"] = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        await oven.submit("a")
        await oven.until("a", JobState.RUNNING)
        with anyio.fail_after(5):
            async with anyio.create_task_group() as stopping:
                stopping.start_soon(oven.engine.drain)
                await anyio.sleep(0.02)
                oven.engine.is_hurried = True
        group.cancel_scope.cancel()
    record = await oven.engine.jobs.get("a")
    assert record is not None
    assert record.state is JobState.QUEUED


async def test_whether_jobs_are_taken(oven: Oven) -> None:
    """Not while it drains, and not once it has stood still for half a minute."""
    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        with anyio.fail_after(5):
            while not oven.engine.looked_ms:
                await anyio.sleep(0.01)
        await oven.engine.check()
        oven.now_ms += 30_001
        with pytest.raises(TransientError) as caught:
            await oven.engine.check()
        assert caught.value.code is Code.ENGINE_STALLED
        await oven.engine.drain()
        with pytest.raises(TransientError) as caught:
            await oven.engine.check()
        assert caught.value.code is Code.SHUTTING_DOWN
        group.cancel_scope.cancel()


async def test_progress_of_what_runs(oven: Oven) -> None:
    """Fresher than the table; none of what does not."""
    oven.site.held["a"] = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        await oven.submit("a")
        await oven.until("a", JobState.RUNNING)
        with anyio.fail_after(5):
            while (live := oven.engine.progress_of("a")) is None or live.phase != "p":
                await anyio.sleep(0.01)
        assert oven.engine.progress_of("b") is None
        assert oven.moves[-1] == Live(0.0, "p", None, None, NOW_MS)
        group.cancel_scope.cancel()
