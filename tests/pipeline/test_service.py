"""What callers may do with jobs."""

from dataclasses import replace

import anyio
import pytest

from oven.domain.errors import Code, ConflictError, NotFoundError, TransientError
from oven.domain.job import Acceptance, Callback, JobState, NewJob
from oven.domain.quota import DAY_MS, Quota, QuotaError
from oven.pipeline.attempts import AttemptEnd
from oven.pipeline.messages import MessageState
from oven.pipeline.progress import Live
from oven.pipeline.service import Service
from tests.pipeline.conftest import Calls


def new(job_id: str = "j1") -> NewJob:
    return NewJob(
        id=job_id,
        kind="bake",
        owner="",
        identity="same",
        output_key="k",
        request={"url": "https://example.com/t.zip", "video": ["b", "v.mp4"], "echo": {"slug": "s"}},
        callback=Callback(url="https://example.com/done"),
    )


async def test_a_new_job_wakes_the_engine(service: Service, calls: Calls) -> None:
    """A repeat does not."""
    assert await service.submit(new()) == ((await service.get("j1", owner=None)), Acceptance.NEW)
    assert (await service.submit(new("j2")))[0].id == "j1"
    assert calls == ["wake"]


async def test_nothing_is_taken_while_it_closes(service: Service) -> None:
    """Neither jobs nor next runs."""
    service.is_closing = True
    for refused in (service.submit(new()), service.retry("j1", owner=None)):
        with pytest.raises(TransientError) as caught:
            await refused
        assert caught.value.code is Code.SHUTTING_DOWN


async def test_cancel(service: Service, calls: Calls) -> None:
    """Ended, told, and its attempt stopped; not twice."""
    await service.submit(new())
    cancelled = await service.cancel("j1", owner=None)
    assert cancelled.state is JobState.CANCELLED
    assert calls[1:] == ["interrupt j1", "wake", "deliver"]
    (message,) = await service.outbox.of_jobs(["j1"])
    assert b'"errorCode":"CANCELLED"' in message.body
    assert b'"slug":"s"' in message.body
    with pytest.raises(ConflictError):
        await service.cancel("j1", owner=None)


async def test_retry_and_replay(service: Service) -> None:
    """Only what has ended has a next run; only what has been told can be told again."""
    await service.submit(new())
    with pytest.raises(ConflictError):
        await service.retry("j1", owner=None)
    with pytest.raises(NotFoundError):
        await service.replay("j1", owner=None)
    await service.cancel("j1", owner=None)
    assert await service.replay("j1", owner=None) == 1
    assert (await service.retry("j1", owner=None)).run == 2
    with pytest.raises(NotFoundError):
        await service.replay("j1", owner=None)


async def test_what_is_bounded_by_the_day(service: Service) -> None:
    """Users are told what is left of it, and their next runs count; the admin's do not."""
    service.per_day, service.queue_limit = {"bake": 2}, 9
    for job_id in ("j1", "j2"):
        await service.submit(replace(new(job_id), owner="ada", identity=job_id, per_day=2))
    quota = await service.quota("bake", owner="ada")
    assert quota == Quota(limit=2, used=2, resets_ms=DAY_MS)
    assert await service.quota("convert", owner="ada") is None
    await service.jobs.claim("t", now_ms=5, lease_ms=9)
    await service.cancel("j1", owner="ada")
    with pytest.raises(QuotaError):
        await service.retry("j1", owner="ada")
    assert (await service.retry("j1", owner=None)).run == 2
    # What never began is given back.
    await service.cancel("j2", owner="ada")
    assert (await service.retry("j2", owner="ada")).run == 2
    assert await service.quota("bake", owner="ada") == quota


async def test_a_next_run_beside_the_same(service: Service) -> None:
    """While the same is active under another id there is no next run of this one."""
    await service.submit(new())
    await service.cancel("j1", owner=None)
    await service.submit(new("j2"))
    service.queue_limit = 9
    with pytest.raises(ConflictError) as caught:
        await service.retry("j1", owner=None)
    assert caught.value.code is Code.JOB_CONFLICT


async def test_running_jobs_are_shown_as_they_are_now(service: Service, live: dict[str, Live]) -> None:
    """The engine knows more than the store; of what has ended only the store knows."""
    await service.submit(new())
    live["j1"] = Live(0.5, "encode")
    assert (await service.get("j1", owner=None)).progress == 0.0
    await service.jobs.claim("t", now_ms=5, lease_ms=9)
    (shown,) = await service.page(limit=9, owner=None)
    assert (shown.progress, shown.phase) == (0.5, "encode")
    assert (await service.get("j1", owner=None)).progress == 0.5


async def test_a_slow_watcher_misses_no_end(service: Service) -> None:
    """However much changed meanwhile, every job is told once, as it is when it is looked at."""
    service.queue_limit = 999
    watcher = service.watch(after=await service.jobs.latest_seq())
    await service.submit(new("j0"))
    assert (await anext(watcher)).state is JobState.QUEUED
    ids = [f"j{number}" for number in range(1, 151)]
    for job_id in ids:
        await service.submit(replace(new(job_id), identity=job_id))
        await service.cancel(job_id, owner=None)
    told = [await anext(watcher) for _ in ids]
    assert [record.id for record in told] == ids
    assert {record.state for record in told} == {JobState.CANCELLED}
    assert [record.seq for record in told] == sorted(record.seq for record in told)
    # Who comes back with the last number it knows goes on from there.
    again = service.watch(after=told[-2].seq)
    assert (await anext(again)).id == "j150"
    await again.aclose()
    await watcher.aclose()


async def test_a_watcher_sees_progress(service: Service, live: dict[str, Live]) -> None:
    """Of running jobs, as it moves; it waits while nothing does."""
    await service.submit(new())
    await service.jobs.claim("t", now_ms=5, lease_ms=9)
    watcher = service.watch(after=0)
    assert (await anext(watcher)).progress == 0.0
    for progress in (0.25, 0.5):
        live["j1"] = Live(progress, "encode")
        service.pulse.beat()
        with anyio.fail_after(5):
            assert (await anext(watcher)).progress == progress
    with anyio.move_on_after(0.3) as waited:
        await anext(watcher)
    assert waited.cancelled_caught


async def test_a_timeline(service: Service) -> None:
    """What was done, what was told, and how that went."""
    await service.submit(new())
    await service.jobs.claim("t", now_ms=5, lease_ms=9)
    await service.cancel("j1", owner=None)
    (message,) = (await service.messages([await service.get("j1", owner=None)])).values()
    parked = MessageState.PARKED
    await service.outbox.tried(message, status=500, error="", took_ms=3, now_ms=6, state=parked, next_ms=6)
    timeline = await service.timeline("j1")
    assert [attempt.ended_as for attempt in timeline.attempts] == [AttemptEnd.CANCELLED]
    assert [(tried.status, tried.message_id) for tried in timeline.deliveries] == [(500, message.id)]
    assert [record.id for record in await service.page(callbacks=[parked], limit=9, owner=None)] == ["j1"]
    assert await service.page(callbacks=[MessageState.PENDING], limit=9, owner=None) == []


async def test_nobody(service: Service) -> None:
    """NOT_FOUND, whatever is asked."""
    for asked in (
        service.get("x", owner=None),
        service.cancel("x", owner=None),
        service.retry("x", owner=None),
        service.replay("x", owner=None),
        service.timeline("x"),
    ):
        with pytest.raises(NotFoundError):
            await asked
