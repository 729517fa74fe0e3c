"""What attempts leave in the database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from oven.adapters.database.attempts import AttemptTable
from oven.adapters.database.engine import Database, open_database
from oven.adapters.database.jobs import JobTable
from oven.domain.errors import Code, TransientError
from oven.domain.job import JobState, NewJob
from oven.pipeline.attempts import AttemptEnd
from oven.pipeline.trace import Trace
from oven.recipes.plan import Outcome
from oven.recipes.steps import TakeLocal

STEP = TakeLocal(name="take", phase="fetch", path="/t.zip", file="f", max_bytes=1)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path) as opened:
        yield opened


async def test_every_claim_and_its_end(database: Database) -> None:
    """In order, each with how it ended and why; a number that was handed back is given again."""
    jobs, attempts = JobTable(database=database), AttemptTable(database=database)
    new = NewJob(id="j", kind="bake", owner="", identity="i", output_key="", request={})
    await jobs.submit(new, now_ms=0, queue_limit=9)
    error = TransientError(Code.ENCODE_CRASHED, "gone", detail="signal 9")
    await jobs.claim("a", now_ms=1, lease_ms=9)
    await jobs.hand_back("j", "a", now_ms=2)
    await jobs.claim("b", now_ms=3, lease_ms=9)
    await jobs.retry_later("j", "b", error, available_ms=4, now_ms=4)
    await jobs.claim("c", now_ms=5, lease_ms=9)
    await jobs.crash("j", "c", now_ms=6)
    await jobs.claim("d", now_ms=7, lease_ms=9)
    assert (await attempts.of_job("j"))[-1].ended_as is None
    await jobs.end("j", Outcome(state=JobState.CANCELLED), now_ms=8)
    await jobs.rerun("j", now_ms=9, queue_limit=9)
    await jobs.claim("e", now_ms=10, lease_ms=9)
    await jobs.finish("j", "e", Outcome(state=JobState.DONE, result={}), now_ms=11)
    found = await attempts.of_job("j")
    assert [(kept.run, kept.attempt, kept.began_ms, kept.ended_ms, kept.ended_as) for kept in found] == [
        (1, 1, 1, 2, AttemptEnd.HANDED_BACK),
        (1, 1, 3, 4, AttemptEnd.RETRYING),
        (1, 2, 5, 6, AttemptEnd.CRASHED),
        (1, 3, 7, 8, AttemptEnd.CANCELLED),
        (2, 1, 10, 11, AttemptEnd.DONE),
    ]
    told = [kept.error for kept in found]
    assert told[0] is told[2] is told[3] is told[4] is None
    assert told[1] is not None
    assert (told[1]["code"], told[1]["detail"]) == ("ENCODE_CRASHED", "signal 9")


async def test_who_was_replaced_writes_nothing_of_the_other(database: Database) -> None:
    """Its end is not the other's; what it had come to may still be noted."""
    jobs, attempts = JobTable(database=database), AttemptTable(database=database)
    new = NewJob(id="j", kind="bake", owner="", identity="i", output_key="", request={})
    await jobs.submit(new, now_ms=0, queue_limit=9)
    await jobs.claim("old", now_ms=1, lease_ms=9)
    await jobs.crash("j", "old", now_ms=2)
    await jobs.claim("new", now_ms=3, lease_ms=9)
    trace = Trace(now_ms=lambda: 7)
    trace.begin(STEP)
    trace.say("its last words")
    await attempts.note("old", trace)
    assert await jobs.finish("j", "old", Outcome(state=JobState.DONE, result={}), now_ms=4) is None
    old, current = await attempts.of_job("j")
    assert (old.log, [step["name"] for step in old.steps]) == ("its last words", ["take"])
    assert (current.token, current.ended_as, current.log, current.steps) == ("new", None, "", [])
