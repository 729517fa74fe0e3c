"""Counts of what stands in the tables."""

from dataclasses import replace
from pathlib import Path

from oven.adapters.database.engine import open_database
from oven.adapters.database.figures import FiguresTable
from oven.adapters.database.jobs import JobTable
from oven.domain.job import JobState
from oven.recipes.plan import Outcome
from tests.contract.test_jobs import ARTIFACT, DONE, claim, new, submit


def made(size_bytes: int) -> Outcome:
    return replace(DONE, artifacts=(replace(ARTIFACT, size_bytes=size_bytes),))


async def test_an_empty_store(tmp_path: Path) -> None:
    """Nothing, and nothing that is old."""
    async with open_database(tmp_path) as database:
        found = await FiguresTable(database=database).read()
    assert set(found.jobs.values()) == {0}
    assert (found.oldest_waiting_ms, found.oldest_running_ms, found.oldest_callback_ms) == (None, None, None)
    assert (found.callbacks_pending, found.callbacks_parked, found.stored_bytes) == (0, 0, 0)


async def test_what_stands(tmp_path: Path) -> None:
    """By state, with the oldest of each; results by their bytes."""
    async with open_database(tmp_path) as database:
        store = JobTable(database=database)
        for number in range(4):
            await submit(store, new(f"j{number}"), now_ms=10 + number)
        await claim(store, "t0", now_ms=20)
        await store.finish("j0", "t0", DONE, now_ms=25)
        await claim(store, "t1", now_ms=30)
        found = await FiguresTable(database=database).read()
    assert found.jobs == {JobState.QUEUED: 2, JobState.RUNNING: 1, JobState.RETRYING: 0}
    assert (found.oldest_waiting_ms, found.oldest_running_ms) == (12, 30)
    assert (found.callbacks_pending, found.oldest_callback_ms, found.stored_bytes) == (1, 25, 5)


async def test_what_was_replaced_is_not_kept(tmp_path: Path) -> None:
    """Of an object that was made again, by another job or another run, the latest counts."""
    async with open_database(tmp_path) as database:
        store = JobTable(database=database)
        for name, size in (("j0", 5), ("j1", 7)):
            await submit(store, new(name, key="same"), now_ms=10)
            await claim(store, name, now_ms=20)
            await store.finish(name, name, made(size), now_ms=25)
        assert (await FiguresTable(database=database).read()).stored_bytes == 7
        await store.rerun("j0", now_ms=30, queue_limit=9)
        await claim(store, "again", now_ms=40)
        await store.finish("j0", "again", made(3), now_ms=45)
        assert (await FiguresTable(database=database).read()).stored_bytes == 3
