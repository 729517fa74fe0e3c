"""What dead attempts leave; the rest stands with the engine."""

from pathlib import Path

import anyio
import pytest

from oven.domain.job import JobState, Lane
from oven.domain.retry import MAX_CRASHES
from oven.engines import embedded as module
from oven.recipes.plan import Outcome
from tests.engines.test_embedded import Oven, oven

__all__ = ["oven"]


async def test_work_directories_go_with_their_jobs(oven: Oven, monkeypatch: pytest.MonkeyPatch) -> None:
    """Soon after a job that waited was cancelled; not those of who works or waits."""
    monkeypatch.setattr(module, "SWEEP_S", 0.02)
    work = oven.folder / "work"
    oven.site.held["a"] = anyio.Event()

    def kept(job_id: str) -> Path:
        return work / job_id / "done" / "digest"

    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        await oven.submit("a")
        running = await oven.until("a", JobState.RUNNING)
        oven.engine.slots = dict.fromkeys(Lane, 1)
        for job_id in ("b", "c"):
            await oven.submit(job_id)
            kept(job_id).mkdir(parents=True)
            (work / job_id / "dead-token").mkdir()
        await oven.engine.jobs.end("b", Outcome(state=JobState.CANCELLED), now_ms=oven.now_ms)
        with anyio.fail_after(5):
            while (work / "b").exists() or (work / "c" / "dead-token").exists():
                await anyio.sleep(0.01)
        assert kept("c").exists()
        assert (work / "a" / running.token).exists()
        group.cancel_scope.cancel()


async def test_a_lease_that_ran_out(oven: Oven, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an attempt that is none of ours: put back, and the crash counted."""
    monkeypatch.setattr(module, "SWEEP_S", 0.02)
    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        oven.engine.slots = dict.fromkeys(Lane, 0)
        await oven.submit("a")
        await oven.engine.jobs.claim("theirs", now_ms=oven.now_ms, lease_ms=1_000)
        await anyio.sleep(0.1)
        assert (await oven.until("a", JobState.RUNNING)).token == "theirs"
        oven.now_ms += 1_001
        assert (await oven.until("a", JobState.QUEUED)).crashes == 1
        group.cancel_scope.cancel()


async def test_a_job_that_killed_too_often_leaves_nothing(oven: Oven) -> None:
    """Its folder goes with its end, not with a later sweep."""
    await oven.submit("a")
    for number in range(MAX_CRASHES):
        assert await oven.engine.jobs.claim(str(number), now_ms=oven.now_ms, lease_ms=1) is not None
        kept = oven.folder / "work" / "a" / "done" / "digest"
        kept.mkdir(parents=True, exist_ok=True)
        await oven.engine.recovery.recover_all()
        assert kept.exists() == (number + 1 < MAX_CRASHES)
    record = await oven.engine.jobs.get("a")
    assert record is not None
    assert (record.state, record.error and record.error["code"]) == (JobState.FAILED, "WORKER_CRASHED")
    assert not (oven.folder / "work" / "a").exists()


async def test_a_job_that_stands_still(oven: Oven, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once its attempt has not beaten for a lease it is taken up again; it ends, and is told of, once."""
    monkeypatch.setattr(module, "SWEEP_S", 0.02)
    jobs, outcome = (
        oven.engine.jobs,
        Outcome(state=JobState.DONE, result={"size": 0}, callback={"by": "dead"}),
    )
    async with anyio.create_task_group() as group:
        oven.engine.slots = dict.fromkeys(Lane, 0)
        group.start_soon(oven.engine.run)
        await oven.submit("a")
        with anyio.fail_after(5):
            while not oven.engine.looked_ms:
                await anyio.sleep(0.01)
        assert await jobs.claim("theirs", now_ms=oven.now_ms, lease_ms=module.LEASE_MS) is not None
        oven.now_ms += module.LEASE_MS // 2
        beat = await jobs.beat(
            "a", "theirs", lease_until_ms=oven.now_ms + module.LEASE_MS, progress=0.5, phase="p"
        )
        assert beat
        oven.engine.slots = dict.fromkeys(Lane, 1)
        oven.now_ms += module.LEASE_MS - 1
        await anyio.sleep(0.1)
        assert oven.site.begun == []
        oven.now_ms += 2
        record = await oven.until("a", JobState.DONE)
        # Whoever stood still may wake up: it has nothing to say any more.
        assert await jobs.finish("a", "theirs", outcome, now_ms=oven.now_ms) is None
        group.cancel_scope.cancel()
    assert record.result is not None
    assert (record.result["size"], record.attempt, record.crashes) == (4, 2, 1)
    assert oven.site.begun == ["a"]
