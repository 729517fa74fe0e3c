"""What callers may do with jobs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from oven.adapters.database.engine import open_database
from oven.adapters.database.jobs import JobTable
from oven.adapters.database.outbox import OutboxTable
from oven.domain.errors import Code, ConflictError, NotFoundError, TransientError
from oven.domain.job import Callback, JobState, NewJob
from oven.pipeline.service import Service
from oven.recipes.book import BOOK
from oven.recipes.plan import Limits


class Calls(list[str]):
    """What the service has told others."""

    def note(self, word: str) -> None:
        self.append(word)


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


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
async def service(tmp_path: Path, limits: Limits, calls: Calls) -> AsyncIterator[Service]:
    async with open_database(tmp_path) as database:
        yield Service(
            jobs=JobTable(database=database),
            outbox=OutboxTable(database=database),
            book=BOOK,
            limits=limits,
            queue_limit=1,
            now_ms=lambda: 5,
            wake=lambda: calls.note("wake"),
            interrupt=lambda job_id: calls.note(f"interrupt {job_id}"),
            deliver=lambda: calls.note("deliver"),
        )


async def test_a_new_job_wakes_the_engine(service: Service, calls: Calls) -> None:
    """A repeat does not."""
    assert await service.submit(new()) == ((await service.get("j1")), True)
    assert (await service.submit(new("j2")))[0].id == "j1"
    assert calls == ["wake"]


async def test_nothing_is_taken_while_it_closes(service: Service) -> None:
    """Neither jobs nor next runs."""
    service.is_closing = True
    for refused in (service.submit(new()), service.retry("j1")):
        with pytest.raises(TransientError) as caught:
            await refused
        assert caught.value.code is Code.SHUTTING_DOWN


async def test_cancel(service: Service, calls: Calls) -> None:
    """Ended, told, and its attempt stopped; not twice."""
    await service.submit(new())
    cancelled = await service.cancel("j1")
    assert cancelled.state is JobState.CANCELLED
    assert calls[1:] == ["interrupt j1", "wake", "deliver"]
    (message,) = await service.outbox.of_job("j1")
    assert b'"errorCode":"CANCELLED"' in message.body
    assert b'"slug":"s"' in message.body
    with pytest.raises(ConflictError):
        await service.cancel("j1")


async def test_retry_and_replay(service: Service) -> None:
    """Only what has ended has a next run; only what has been told can be told again."""
    await service.submit(new())
    with pytest.raises(ConflictError):
        await service.retry("j1")
    with pytest.raises(NotFoundError):
        await service.replay("j1")
    await service.cancel("j1")
    assert await service.replay("j1") == 1
    assert (await service.retry("j1")).run == 2
    with pytest.raises(NotFoundError):
        await service.replay("j1")


async def test_a_next_run_beside_the_same(service: Service) -> None:
    """While the same is active under another id there is no next run of this one."""
    await service.submit(new())
    await service.cancel("j1")
    await service.submit(new("j2"))
    service.queue_limit = 9
    with pytest.raises(ConflictError) as caught:
        await service.retry("j1")
    assert caught.value.code is Code.JOB_CONFLICT


async def test_nobody(service: Service) -> None:
    """NOT_FOUND, whatever is asked."""
    for asked in (service.get("x"), service.cancel("x"), service.retry("x"), service.replay("x")):
        with pytest.raises(NotFoundError):
            await asked
