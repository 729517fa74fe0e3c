"""Jobs that ended long ago."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from oven.adapters.database import expiry
from oven.adapters.database.attempts import AttemptTable
from oven.adapters.database.engine import Database, open_database
from oven.adapters.database.expiry import ExpiredJobTable
from oven.adapters.database.jobs import JobTable
from oven.adapters.database.outbox import OutboxTable
from oven.adapters.database.schema import metadata
from oven.domain.job import Callback, JobState, NewJob
from oven.pipeline.messages import MessageState
from oven.pipeline.trace import Trace
from oven.recipes.plan import Artifact, Outcome
from oven.recipes.steps import Target


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path) as opened:
        yield opened


async def end_job(
    database: Database,
    job_id: str,
    *,
    now_ms: int,
    key: str = "",
    url: str = "",
    kind: str = "bake",
    state: JobState = JobState.DONE,
    lifetime_s: float | None = None,
    artifacts: tuple[Artifact, ...] = (),
) -> None:
    """Let a job make one object, called as itself, unless others are given, and end."""
    jobs = JobTable(database=database)
    callback = Callback(url=url) if url else None
    new = NewJob(
        id=job_id,
        kind=kind,
        owner="",
        identity=job_id,
        output_key=f"b/{key or job_id}",
        request={},
        callback=callback,
    )
    await jobs.submit(new, now_ms=now_ms, queue_limit=9)
    await jobs.claim(job_id, now_ms=now_ms, lease_ms=1)
    await AttemptTable(database=database).note(job_id, Trace(now_ms=lambda: 0))
    made = artifacts or (artifact(key or job_id, lifetime_s),)
    ended = Outcome(state=state, result={}, artifacts=made, callback={})
    await jobs.finish(job_id, job_id, ended, now_ms=now_ms)


def artifact(key: str, lifetime_s: float | None = None) -> Artifact:
    return Artifact(
        name="video",
        target=Target("b", key),
        content_type="video/mp4",
        is_public=True,
        size_bytes=1,
        sha256="x",
        lifetime_s=lifetime_s,
    )


async def run_again(
    database: Database,
    job_id: str,
    *,
    now_ms: int,
    state: JobState | None = JobState.DONE,
    lifetime_s: float | None = 1,
) -> None:
    """Let a job's next run be about to publish its object; then end so, where a state is given."""
    jobs = JobTable(database=database)
    record = await jobs.rerun(job_id, now_ms=now_ms, queue_limit=9)
    assert record is not None
    token = f"{job_id}-{record.run}"
    await jobs.claim(token, now_ms=now_ms, lease_ms=1)
    assert await jobs.begin_publishing(job_id, token, artifact(job_id))
    if state is not None:
        made = (artifact(job_id, lifetime_s),) if state is JobState.DONE else ()
        await jobs.finish(job_id, token, Outcome(state=state, artifacts=made), now_ms=now_ms)


async def test_only_what_ended_before(database: Database) -> None:
    """The longest ended first, and no more than asked for."""
    table = ExpiredJobTable(database=database)
    for job_id, now_ms in (("b", 2), ("a", 1), ("c", 3)):
        await end_job(database, job_id, now_ms=now_ms)
    assert await table.expired(before_ms=3, limit=9) == ["a", "b"]
    assert await table.expired(before_ms=3, limit=1) == ["a"]
    assert not await table.forget("c", before_ms=3)


@pytest.mark.parametrize(
    ("state", "is_kept"),
    [
        (MessageState.PENDING, True),
        (MessageState.PARKED, True),
        (MessageState.GONE, True),
        (MessageState.DELIVERED, False),
    ],
)
async def test_callbacks_that_were_not_delivered(
    database: Database, state: MessageState, *, is_kept: bool
) -> None:
    """Keep their job until they have been parked as long themselves."""
    table = ExpiredJobTable(database=database)
    await end_job(database, "a", now_ms=1, url="https://example.com/done")
    (message,) = await OutboxTable(database=database).of_jobs(["a"])
    await OutboxTable(database=database).tried(
        message, status=None, error="", took_ms=0, now_ms=50, state=state, next_ms=60
    )
    assert await table.expired(before_ms=40, limit=9) == ([] if is_kept else ["a"])
    assert await table.forget("a", before_ms=40) is not is_kept
    if is_kept and state is not MessageState.PENDING:
        assert await table.expired(before_ms=51, limit=9) == ["a"]


async def test_a_next_run(database: Database) -> None:
    """Keeps the job: it has not ended."""
    table = ExpiredJobTable(database=database)
    await end_job(database, "a", now_ms=1)
    await JobTable(database=database).rerun("a", now_ms=9, queue_limit=9)
    assert await table.expired(before_ms=9, limit=9) == []
    assert not await table.forget("a", before_ms=9)


async def test_objects_of_several_jobs(database: Database) -> None:
    """Are the last job's, not an earlier one's; while one is being made again, its job stays."""
    table = ExpiredJobTable(database=database)
    await end_job(database, "a", now_ms=1, key="k")
    assert await table.last_objects("a") == [(Target("b", "k"), False)]
    new = NewJob(id="b", kind="bake", owner="", identity="b", output_key="b/k", request={})
    await JobTable(database=database).submit(new, now_ms=2, queue_limit=9)
    assert await table.expired(before_ms=9, limit=9) == []
    assert not await table.forget("a", before_ms=9)
    await JobTable(database=database).end("b", Outcome(state=JobState.FAILED), now_ms=3)
    assert await table.expired(before_ms=9, limit=9) == ["a", "b"]
    assert await table.expired(before_ms=9, limit=9, skip=["a"]) == ["b"]
    assert await table.last_objects("a") == [(Target("b", "k"), False)]
    await end_job(database, "c", now_ms=4, key="k")
    assert await table.last_objects("a") == []


@pytest.mark.parametrize(("kind", "is_result"), [("export", True), ("short", True), ("bake", False)])
async def test_results_of_users(database: Database, kind: str, *, is_result: bool) -> None:
    """Are reached by their jobs alone, so they go with them wherever they are, and are taken back."""
    table = ExpiredJobTable(database=database)
    await end_job(database, "j", now_ms=1, kind=kind)
    assert await table.last_objects("j") == [(Target("b", "j"), is_result)]
    await end_job(database, "f", now_ms=1, kind=kind, state=JobState.FAILED)
    assert await table.half_made(before_ms=9, limit=9) == (["f"] if is_result else [])
    assert await table.is_abandoned(Target("b", "f"))


async def expired(database: Database, now_ms: int) -> list[str]:
    table = ExpiredJobTable(database=database)
    found = await table.expired_objects(now_ms=now_ms, limit=9)
    for target in found:
        assert await table.is_expired(target, now_ms=now_ms)
    return sorted(target.key for target in found)


async def test_what_has_a_time(database: Database) -> None:
    """Is over at its end to the millisecond, counted from the end of its run; what has none stays."""
    for job_id, lifetime_s in (("a", 1.5), ("b", 3), ("lasting", None)):
        await end_job(database, job_id, now_ms=1, lifetime_s=lifetime_s)
    assert [await expired(database, now_ms) for now_ms in (1_500, 1_501, 3_001)] == [[], ["a"], ["a", "b"]]
    table = ExpiredJobTable(database=database)
    assert await table.expired_objects(now_ms=3_001, limit=9, skip=[Target("b", "a")]) == [Target("b", "b")]
    assert len(await table.expired_objects(now_ms=3_001, limit=1)) == 1
    assert not await table.is_expired(Target("b", "lasting"), now_ms=3_001)
    await table.drop(Target("b", "a"), now_ms=3_001)
    await table.drop(Target("b", "lasting"), now_ms=3_001)
    assert await expired(database, 3_001) == ["b"]
    assert [len(await table.last_objects(job_id)) for job_id in ("a", "b", "lasting")] == [0, 1, 1]


async def test_what_is_made_again_is_not_over(database: Database) -> None:
    """From the moment in which the next run is asked for; then it has that one's time."""
    jobs = JobTable(database=database)
    await end_job(database, "a", now_ms=0, lifetime_s=1)
    await jobs.rerun("a", now_ms=900, queue_limit=9)
    assert await expired(database, 1_000) == []
    await jobs.end("a", Outcome(state=JobState.CANCELLED), now_ms=950)
    # It was not begun, so what there is, is the first run's.
    assert await expired(database, 1_000) == ["a"]
    await run_again(database, "a", now_ms=960, state=None)
    assert await expired(database, 9_000) == []
    # The run that is over is forgotten, the one that is about to publish is not.
    await ExpiredJobTable(database=database).drop(Target("b", "a"), now_ms=9_000)
    assert len(await ExpiredJobTable(database=database).last_objects("a")) == 1


async def test_what_stands_beside_a_jobs_output(database: Database) -> None:
    """Is kept while its job runs again, too."""
    await end_job(database, "a", now_ms=0, key="output")
    await run_again(database, "a", now_ms=0)
    assert await expired(database, 1_000) == ["a"]
    await JobTable(database=database).rerun("a", now_ms=1_000, queue_limit=9)
    assert await expired(database, 1_000) == []


async def test_the_time_of_a_later_run(database: Database) -> None:
    """Is the object's, whatever earlier ones knew of it, also those that broke off while they published."""
    await end_job(database, "a", now_ms=0, lifetime_s=1)
    await run_again(database, "a", now_ms=500, state=JobState.FAILED)
    # What stands there may be either's; it goes as what was half made does.
    assert await expired(database, 1_500) == []
    await run_again(database, "a", now_ms=600)
    assert [await expired(database, now_ms) for now_ms in (1_500, 1_599, 1_600)] == [[], [], ["a"]]


async def test_one_object_of_several_jobs(database: Database) -> None:
    """Is over with the last one's time, and not while any makes it, or keeps it."""
    await end_job(database, "a", now_ms=0, key="k", lifetime_s=1)
    await end_job(database, "b", now_ms=500, key="k", lifetime_s=1)
    assert [await expired(database, now_ms) for now_ms in (1_000, 1_500)] == [[], ["k"]]
    new = NewJob(id="c", kind="bake", owner="", identity="c", output_key="b/k", request={})
    await JobTable(database=database).submit(new, now_ms=2, queue_limit=9)
    assert await expired(database, 1_500) == []
    await JobTable(database=database).end("c", Outcome(state=JobState.FAILED), now_ms=3)
    assert await expired(database, 1_500) == ["k"]
    await end_job(database, "d", now_ms=600, key="k")
    assert await expired(database, 9_000) == []


async def test_the_latest_exports_that_failed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Are kept whatever their age; neither older ones, nor those that are done, nor other jobs."""
    monkeypatch.setattr(expiry, "FAILURES_KEPT", 2)
    table = ExpiredJobTable(database=database)
    for number in range(3):
        await end_job(database, f"failed-{number}", now_ms=number, kind="export", state=JobState.FAILED)
        await end_job(database, f"done-{number}", now_ms=number, kind="export")
        await end_job(database, f"bake-{number}", now_ms=number, state=JobState.FAILED)
    over = await table.expired(before_ms=99, limit=99)
    assert set(over) == {
        "failed-0",
        *(f"{kind}-{number}" for kind in ("done", "bake") for number in range(3)),
    }
    assert not await table.forget("failed-2", before_ms=99)
    assert await table.forget("failed-0", before_ms=99)
    assert set(await table.expired(before_ms=99, limit=99)) == set(over) - {"failed-0"}


async def test_what_nobody_makes_any_more(database: Database) -> None:
    """Is ours, and of no active job; strangers' objects are not ours."""
    table = ExpiredJobTable(database=database)
    assert not await table.is_abandoned(Target("b", "k"))
    await end_job(database, "a", now_ms=1, key="k")
    assert await table.is_abandoned(Target("b", "k"))
    new = NewJob(id="b", kind="bake", owner="", identity="b", output_key="b/k", request={})
    await JobTable(database=database).submit(new, now_ms=2, queue_limit=9)
    assert not await table.is_abandoned(Target("b", "k"))
    await end_job(database, "e", now_ms=1, kind="export")
    assert await table.is_abandoned(Target("b", "renditions/_/e/thumbnail-1.png"))


async def test_what_exports_had_made_by_halves(database: Database) -> None:
    """Is of those that failed or were cancelled, long enough ago; not once they are run again."""
    table, jobs = ExpiredJobTable(database=database), JobTable(database=database)
    for number, state in enumerate((JobState.FAILED, JobState.CANCELLED, JobState.DONE)):
        await end_job(database, state, now_ms=number, kind="export", state=state)
    await end_job(database, "bake", now_ms=0, state=JobState.FAILED)
    assert await table.half_made(before_ms=1, limit=9) == ["failed"]
    assert set(await table.half_made(before_ms=9, limit=9)) == {"failed", "cancelled"}
    assert await table.half_made(before_ms=9, limit=9, skip=["failed"]) == ["cancelled"]
    await jobs.rerun("cancelled", now_ms=3, queue_limit=9)
    for job_id in ("failed", "cancelled", "done"):
        await table.disown(job_id)
    assert await table.half_made(before_ms=9, limit=9) == []
    assert [bool(await table.last_objects(job_id)) for job_id in ("failed", "cancelled", "done")] == [
        False,
        True,
        True,
    ]


async def test_nothing_is_left_of_it(database: Database) -> None:
    """In any table."""
    await end_job(database, "a", now_ms=1, url="https://example.com/done")
    outbox = OutboxTable(database=database)
    (message,) = await outbox.of_jobs(["a"])
    delivered = MessageState.DELIVERED
    await outbox.tried(message, status=200, error="", took_ms=1, now_ms=1, state=delivered, next_ms=1)
    assert await ExpiredJobTable(database=database).forget("a", before_ms=9)
    for table in metadata.sorted_tables:
        count = await database.scalar(select(func.count()).select_from(table))
        assert count == (1 if table.name == "counters" else 0), table.name
