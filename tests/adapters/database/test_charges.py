"""What a user may begin in a day, counted where jobs are accepted."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import anyio
import pytest

from oven.adapters.database.engine import open_database
from oven.adapters.database.expiry import ExpiredJobTable
from oven.adapters.database.jobs import JobTable
from oven.domain.errors import BadInputError, Code, FaultError, OvenError, TransientError
from oven.domain.job import Acceptance, JobRecord, JobState, NewJob
from oven.domain.quota import DAY_MS, QuotaError
from oven.recipes.plan import Outcome
from tests.contract.test_jobs import DONE, new

KIND, OWNER, LIMIT = "short", "ada", 3
NOON = DAY_MS // 2
TOKENS = count()
CANCELLED = Outcome(state=JobState.CANCELLED, error=BadInputError(Code.CANCELLED, "cancelled"))
SPOILT = Outcome(state=JobState.FAILED, error=BadInputError(Code.MEDIA_INVALID, "broken"))
OURS = Outcome(state=JobState.FAILED, error=FaultError(Code.ENCODE_FAILED, "refused"))


@pytest.fixture
async def jobs(tmp_path: Path) -> AsyncIterator[JobTable]:
    async with open_database(tmp_path) as database:
        yield JobTable(database=database)


def short(job_id: str, **changes: Any) -> NewJob:
    wanted: dict[str, Any] = {"kind": KIND, "owner": OWNER, "per_day": LIMIT} | changes
    return replace(new(job_id), **wanted)


async def begin(jobs: JobTable, *job_ids: str, now_ms: int = NOON, **changes: Any) -> list[Acceptance]:
    news = [short(job_id, **changes) for job_id in job_ids]
    return [each.how for each in await jobs.submit_all(news, now_ms=now_ms, queue_limit=99)]


async def refused(jobs: JobTable, *job_ids: str, now_ms: int = NOON, **changes: Any) -> QuotaError:
    with pytest.raises(QuotaError) as caught:
        await begin(jobs, *job_ids, now_ms=now_ms, **changes)
    return caught.value


async def used(jobs: JobTable, owner: str = OWNER, kind: str = KIND, now_ms: int = NOON) -> int:
    return await jobs.charged(kind, owner=owner, now_ms=now_ms)


async def claim(jobs: JobTable, *, now_ms: int = NOON) -> JobRecord:
    found = await jobs.claim(f"t{next(TOKENS)}", now_ms=now_ms, lease_ms=9)
    assert found is not None
    return found


async def end(jobs: JobTable, outcome: Outcome, *, now_ms: int = NOON) -> None:
    """Claim what waits, and end it so."""
    found = await claim(jobs, now_ms=now_ms)
    assert await jobs.finish(found.id, found.token, outcome, now_ms=now_ms) is not None


async def test_no_more_than_the_limit(jobs: JobTable) -> None:
    """The one after it is refused, and told when the next day begins; nothing of it is kept."""
    assert await begin(jobs, "a", "b", "c") == [Acceptance.NEW] * 3
    error = await refused(jobs, "d")
    assert (error.quota.limit, error.quota.used, error.quota.resets_ms) == (LIMIT, 3, DAY_MS)
    assert error.retry_after_s == NOON // 1000
    assert await jobs.get("d") is None
    assert await used(jobs) == 3


async def test_twenty_at_once_with_one_left(jobs: JobTable) -> None:
    """One is accepted, however they meet."""
    await begin(jobs, *(f"before{number}" for number in range(9)), per_day=10)
    answers: list[bool] = []

    async def send(number: int) -> None:
        try:
            await begin(jobs, f"j{number}", per_day=10)
        except QuotaError:
            answers.append(False)
        else:
            answers.append(True)

    async with anyio.create_task_group() as group:
        for number in range(20):
            group.start_soon(send, number)
    assert sorted(answers) == [False] * 19 + [True]
    assert await used(jobs) == 10


async def test_the_next_day(jobs: JobTable) -> None:
    """Begins at midnight with nothing used; the day before is counted by itself."""
    await begin(jobs, "a", "b", "c", now_ms=DAY_MS - 1)
    await refused(jobs, "d", now_ms=DAY_MS - 1)
    assert await used(jobs, now_ms=DAY_MS) == 0
    await begin(jobs, "d", "e", "f", now_ms=DAY_MS)
    await refused(jobs, "g", now_ms=DAY_MS + 1)
    # A request that had waited for its turn over midnight is the day's in which it came.
    await refused(jobs, "g", now_ms=DAY_MS - 1)


async def test_others_are_untouched(jobs: JobTable) -> None:
    """Another user, another kind, and what is not counted at all."""
    await begin(jobs, "a", "b", "c")
    await begin(jobs, "d", owner="bob")
    await begin(jobs, "e", kind="export")
    await begin(jobs, "f", per_day=None)
    assert (await used(jobs), await used(jobs, "bob"), await used(jobs, kind="export")) == (3, 1, 1)


async def test_all_or_none(jobs: JobTable) -> None:
    """What would pass the limit together is not begun, and the refusal tells how many would not."""
    await begin(jobs, "a")
    error = await refused(jobs, "b", "c", "d", "e")
    assert (error.quota.used, error.quota.remaining) == (1, 2)
    assert (await jobs.get("b"), await used(jobs)) == (None, 1)
    assert await begin(jobs, "b", "c") == [Acceptance.NEW] * 2


async def test_repeats_are_free(jobs: JobTable) -> None:
    """The same while it is active, and the same key for a day, whatever became of its job."""
    await begin(jobs, "a", "b")
    await begin(jobs, "c", key="k", identity="c")
    assert await begin(jobs, "d", identity="a") == [Acceptance.REPEAT]
    assert await begin(jobs, "e", key="k", identity="c") == [Acceptance.REPLAY]
    for _ in range(3):
        await end(jobs, DONE)
    assert await begin(jobs, "e", key="k", identity="c") == [Acceptance.REPLAY]
    assert await used(jobs) == 3
    await refused(jobs, "d", identity="a")


async def test_a_full_queue_costs_nothing(jobs: JobTable) -> None:
    """Nor does anything else for which a request is refused."""
    await begin(jobs, "a")
    with pytest.raises(TransientError) as caught:
        await jobs.submit(short("b"), now_ms=NOON, queue_limit=1)
    assert caught.value.code is Code.QUEUE_FULL
    assert await used(jobs) == 1


async def cancel_before(jobs: JobTable) -> None:
    await jobs.end("a", CANCELLED, now_ms=NOON)


async def cancel_running(jobs: JobTable) -> None:
    await claim(jobs)
    await jobs.end("a", CANCELLED, now_ms=NOON)


async def crash_thrice(jobs: JobTable) -> None:
    for _ in range(3):
        await jobs.crash("a", (await claim(jobs)).token, now_ms=NOON)
    failed = Outcome(state=JobState.FAILED, error=FaultError(Code.WORKER_CRASHED, "thrice"))
    await jobs.end("a", failed, now_ms=NOON)


async def fail_and_try_again(jobs: JobTable) -> None:
    error = TransientError(Code.UPLOAD_FAILED, "no answer")
    await jobs.retry_later("a", (await claim(jobs)).token, error, available_ms=NOON, now_ms=NOON)


@pytest.mark.parametrize(
    ("ending", "left"),
    [
        (lambda jobs: end(jobs, DONE), 1),
        (lambda jobs: end(jobs, SPOILT), 1),
        (lambda jobs: end(jobs, OURS), 0),
        # In the next day: what is given back is the day's in which it was begun.
        (lambda jobs: end(jobs, OURS, now_ms=NOON + DAY_MS), 0),
        (cancel_before, 0),
        (cancel_running, 1),
        (crash_thrice, 0),
        (fail_and_try_again, 1),
    ],
)
async def test_what_is_given_back(jobs: JobTable, ending: Callable[[JobTable], Any], left: int) -> None:
    """What failed by our fault, once no attempt follows, and what was cancelled before it began."""
    await begin(jobs, "a")
    await ending(jobs)
    assert await used(jobs) == left


async def test_a_next_run(jobs: JobTable) -> None:
    """Counts on the day on which it is asked for, under the same limit; the admin's does not."""
    await begin(jobs, "a")
    await end(jobs, DONE)
    again: dict[str, int] = {"queue_limit": 9, "per_day": LIMIT}
    assert await jobs.rerun("a", now_ms=NOON + DAY_MS, **again) is not None
    assert (await used(jobs), await used(jobs, now_ms=DAY_MS)) == (1, 1)
    # One that fails by our fault gives back its own alone.
    await end(jobs, OURS, now_ms=NOON + DAY_MS)
    assert (await used(jobs), await used(jobs, now_ms=DAY_MS)) == (1, 0)
    await begin(jobs, "b", "c", "d", now_ms=DAY_MS)
    with pytest.raises(QuotaError):
        await jobs.rerun("a", now_ms=DAY_MS, **again)
    assert await jobs.rerun("a", now_ms=DAY_MS, queue_limit=9) is not None
    assert await used(jobs, now_ms=DAY_MS) == 3


async def test_a_next_run_that_cannot_be(jobs: JobTable) -> None:
    """Is refused for that, and costs nothing."""
    await begin(jobs, "a", identity="same")
    again: dict[str, int] = {"now_ms": NOON, "per_day": LIMIT}
    assert await jobs.rerun("a", queue_limit=9, **again) is None
    await end(jobs, DONE)
    await begin(jobs, "b", identity="same")
    with pytest.raises(OvenError) as caught:
        await jobs.rerun("a", queue_limit=9, **again)
    assert caught.value.code is Code.JOB_CONFLICT
    await end(jobs, DONE)
    with pytest.raises(OvenError) as caught:
        await jobs.rerun("a", queue_limit=0, **again)
    assert caught.value.code is Code.QUEUE_FULL
    assert await used(jobs) == 2


async def test_charges_go_with_their_job(jobs: JobTable) -> None:
    """They are of days that are long over."""
    await begin(jobs, "a")
    await end(jobs, SPOILT)
    assert await used(jobs) == 1
    assert await ExpiredJobTable(database=jobs.database).forget("a", before_ms=NOON + 1)
    assert await used(jobs) == 0
