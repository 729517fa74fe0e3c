"""What is learned from jobs that have ended."""

from dataclasses import replace

import anyio
import pytest

from oven.domain.errors import Code, TransientError
from oven.domain.eta import Run
from oven.domain.job import JobState
from oven.pipeline import history as module
from oven.pipeline.attempts import Attempts, Steps
from oven.pipeline.history import History, run_of
from oven.pipeline.service import Service
from oven.pipeline.trace import REUSED, Trace
from oven.recipes.plan import Outcome
from oven.recipes.steps import TakeLocal
from tests.pipeline.test_service import new


def step(phase: str, began_ms: int, ended_ms: int | None, outcome: str = "done") -> dict[str, object]:
    return {"name": "n", "phase": phase, "beganMs": began_ms, "endedMs": ended_ms, "outcome": outcome}


def test_what_phases_took() -> None:
    """From the begin of the first step to the end of the last; a failed optional step counts, too."""
    steps = [
        step("fetch", 0, 2_000),
        step("encode", 2_500, 9_000),
        step("encode", 2_600, 3_000, "FRAME_BROKEN"),
    ]
    assert run_of(steps, {"frames": 90}) == Run({"fetch": 2.0, "encode": 6.5}, 90)
    assert run_of([], {}) == Run({}, None)
    # A film's frames are told where it was proved; of pictures alone nothing was.
    assert run_of([], {"verification": {"frames": 7}}) == Run({}, 7)
    assert run_of([], {"verification": None}) == Run({}, None)
    assert run_of([step("fetch", 5, None, "")], {}) == Run({"fetch": 0.0}, None)


def test_what_was_reused_teaches_nothing() -> None:
    """It took no time, for an earlier attempt had taken it."""
    assert run_of([step("fetch", 0, 1, REUSED), step("encode", 1, 2_000)], {}) is None
    fresh = [step("fetch", 0, 1), step("publish", 1, 2)]
    assert run_of(fresh, {"reused": {"jobId": "j"}}) is None
    assert run_of(fresh, {"reused": None}) is not None


async def finish(service: Service, job_id: str, seconds: float, **changes: object) -> None:
    """Let a job have taken so long."""
    await service.submit(replace(new(job_id), identity=job_id, **changes))  # type: ignore[arg-type]
    await claim_and_finish(service, job_id, seconds, token=job_id)


async def claim_and_finish(service: Service, job_id: str, seconds: float, *, token: str) -> None:
    record = await service.jobs.claim(token, now_ms=9, lease_ms=9)
    assert record is not None
    clock = iter((0, 0, round(seconds * 1000)))
    trace = Trace(now_ms=lambda: next(clock))
    taken = TakeLocal(name="take", phase="fetch", path="p", file="f", max_bytes=1)
    trace.begin(taken)
    trace.end(taken, "done")
    await service.attempts.note(record.token, trace)
    outcome = Outcome(state=JobState.DONE, result={"frames": 10})
    assert await service.jobs.finish(job_id, token, outcome, now_ms=9) is not None


async def until_learned(history: History, kind: str, mean_s: float) -> None:
    with anyio.fail_after(5):
        while (learned := history.outlooks.learned.get(kind)) is None or learned.mean_s != pytest.approx(
            mean_s
        ):
            await anyio.sleep(0.01)


async def test_from_the_table_and_as_jobs_end(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ended before the start counts, what ends later is added; each kind is its own."""
    monkeypatch.setattr(module, "EVERY_S", 0.01)
    await finish(service, "j1", 10)
    history = History(attempts=service.attempts, outlooks=service.outlooks)
    async with anyio.create_task_group() as group:
        group.start_soon(history.run)
        await until_learned(history, "bake", 10)
        assert "convert" not in service.outlooks.learned
        await finish(service, "j2", 20)
        history.hear(await service.get("j2", owner=None))
        await until_learned(history, "bake", 12)
        await finish(service, "c1", 7, kind="convert")
        history.hear(await service.get("c1", owner=None))
        await until_learned(history, "convert", 7)
        group.cancel_scope.cancel()
    assert service.outlooks.learned["bake"].mean_s == pytest.approx(12)
    assert service.outlooks.learned["bake"].frame_s == pytest.approx(1.2)


async def test_the_latest_alone(service: Service) -> None:
    """So many of a kind, in the order of their acceptance; neither failures nor what runs again."""
    for number in range(5):
        await finish(service, f"j{number}", number)
    await service.submit(replace(new("failed"), identity="failed"))
    await service.cancel("failed", owner=None)
    await service.retry("j4", owner=None)
    found = await service.attempts.latest_done("bake", limit=3)
    assert [steps[0]["endedMs"] for steps, _ in found] == [1_000, 2_000, 3_000]
    assert await service.attempts.latest_done("convert", limit=3) == []
    # Of a job that was run again, its last run alone.
    await claim_and_finish(service, "j4", 7, token="again")
    found = await service.attempts.latest_done("bake", limit=2)
    assert [steps[0]["endedMs"] for steps, _ in found] == [3_000, 7_000]


class DeafAttempts:
    """A store that does not answer the first time."""

    def __init__(self, real: Attempts) -> None:
        self.real, self.asked = real, 0

    async def latest_done(self, kind: str, *, limit: int) -> list[tuple[Steps, object]]:
        self.asked += 1
        if self.asked == 1:
            raise TransientError(Code.STORE_UNAVAILABLE, "locked")
        return [*await self.real.latest_done(kind, limit=limit)]


async def test_a_store_that_does_not_answer(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is asked again."""
    monkeypatch.setattr(module, "EVERY_S", 0.01)
    await finish(service, "j1", 10)
    deaf = DeafAttempts(service.attempts)
    history = History(attempts=deaf, outlooks=service.outlooks)  # type: ignore[arg-type]
    async with anyio.create_task_group() as group:
        group.start_soon(history.run)
        await until_learned(history, "bake", 10)
        group.cancel_scope.cancel()
