"""Watching what happens."""

import time

import anyio
import pytest

from oven.domain.job import JobRecord, JobState
from oven.pipeline import observe
from oven.pipeline.observe import observe_ends, observe_lag
from oven.pipeline.service import Service
from tests.pipeline.test_service import new


async def test_every_end_is_seen_once(service: Service) -> None:
    """Those before it began are not; a job's second run ends anew."""
    await service.submit(new("j0"))
    await service.cancel("j0")
    known = await service.jobs.latest_seq()
    ended: list[tuple[str, int, JobState]] = []
    seen = anyio.Event()

    def take(record: JobRecord) -> None:
        ended.append((record.id, record.run, record.state))
        if len(ended) == 2:
            seen.set()

    async with anyio.create_task_group() as group:
        group.start_soon(lambda: observe_ends(service, take, after=known))
        await service.submit(new("j1"))
        await service.cancel("j1")
        with anyio.fail_after(5):
            while not ended:
                await anyio.sleep(0.01)
        await service.retry("j1")
        await service.cancel("j1")
        with anyio.fail_after(5):
            await seen.wait()
        group.cancel_scope.cancel()
    assert ended == [("j1", 1, JobState.CANCELLED), ("j1", 2, JobState.CANCELLED)]


async def test_a_loop_that_is_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """By how much it is late."""
    monkeypatch.setattr(observe, "LOOK_EVERY_S", 0.05)
    lags: list[float] = []
    async with anyio.create_task_group() as group:
        group.start_soon(observe_lag, lags.append)
        await anyio.sleep(0.01)
        time.sleep(0.3)  # noqa: ASYNC251 - to hold the loop up is the point
        await anyio.sleep(0.1)
        group.cancel_scope.cancel()
    assert 0.2 < max(lags) < 2
