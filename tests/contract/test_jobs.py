"""What every job store promises, run on each implementation."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest

from oven.adapters.database.engine import open_database
from oven.adapters.database.expiry import ExpiredJobTable
from oven.adapters.database.idempotency import KEPT_MS
from oven.adapters.database.jobs import JobTable
from oven.adapters.database.outbox import OutboxTable
from oven.domain.errors import BadInputError, Code, OvenError
from oven.domain.job import Acceptance, Accepted, Callback, JobRecord, JobState, NewJob
from oven.pipeline.messages import MessageState
from oven.recipes.plan import Artifact, Outcome
from oven.recipes.steps import Target

LEASE_MS = 30_000
ARTIFACT = Artifact(
    name="video", target=Target("b", "k"), content_type="video/mp4", is_public=True, size_bytes=5, sha256="x"
)
DONE = Outcome(
    state=JobState.DONE, result={"size": 5}, artifacts=(ARTIFACT,), callback={"status": "complete"}
)
FAILED = Outcome(state=JobState.FAILED, error=BadInputError(Code.NO_FRAMES, "none"))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[JobTable]:
    async with open_database(tmp_path) as database:
        yield JobTable(database=database)


def new(job_id: str, *, identity: str = "", key: str = "") -> NewJob:
    return NewJob(
        id=job_id,
        kind="bake",
        owner="",
        identity=identity or job_id,
        output_key=key,
        request={"a": [1]},
        callback=Callback(url="https://example.com/done", sealed_secret="s"),
    )


async def submit(store: JobTable, job: NewJob, *, now_ms: int = 0, limit: int = 100) -> JobRecord:
    return (await store.submit(job, now_ms=now_ms, queue_limit=limit))[0]


async def claim(store: JobTable, token: str = "t1", *, now_ms: int = 0) -> JobRecord | None:
    return await store.claim(token, now_ms=now_ms, lease_ms=LEASE_MS)


async def test_a_job_is_kept_as_it_was_given(store: JobTable) -> None:
    """Queued, in its first run, untouched."""
    accepted = await submit(store, new("j1"), now_ms=5)
    kept = await store.get("j1")
    assert kept == accepted
    assert kept is not None
    assert (kept.state, kept.run, kept.attempt, kept.crashes) == (JobState.QUEUED, 1, 0, 0)
    assert kept.request == {"a": [1]}
    assert kept.callback == Callback(url="https://example.com/done", sealed_secret="s")
    assert kept.created_ms == 5
    assert await store.get("other") is None


async def test_the_same_again_starts_nothing(store: JobTable) -> None:
    """While one of its identity is active it is that one; afterwards it is a new job."""
    await submit(store, new("j1", identity="same"))
    again, how = await store.submit(new("j2", identity="same"), now_ms=0, queue_limit=100)
    assert (again.id, how) == ("j1", Acceptance.REPEAT)
    await store.end("j1", FAILED, now_ms=1)
    assert (await submit(store, new("j2", identity="same"))).id == "j2"


async def test_twenty_at_once_are_one(store: JobTable) -> None:
    """However they meet."""
    found: list[str] = []

    async def send(number: int) -> None:
        found.append((await submit(store, new(f"j{number}", identity="same"))).id)

    async with anyio.create_task_group() as group:
        for number in range(20):
            group.start_soon(send, number)
    assert len(found) == 20
    assert len(set(found)) == 1
    assert await store.counts() == {JobState.QUEUED: 1}


def keyed(job_id: str, key: str, **changes: Any) -> NewJob:
    return replace(new(job_id, identity="same"), key=key, **changes)


async def test_a_callers_own_key(store: JobTable) -> None:
    """It gives its job for a day, also when that has ended; then, and for others, it is as new."""
    first = await store.submit(keyed("j1", "k"), now_ms=0, queue_limit=1)
    assert first.how is Acceptance.NEW
    await store.end("j1", FAILED, now_ms=1)
    again = await store.submit(keyed("j2", "k"), now_ms=KEPT_MS - 1, queue_limit=1)
    assert (again.record.id, again.how) == ("j1", Acceptance.REPLAY)
    assert again.record.state is JobState.FAILED
    for number, other in enumerate(({"key": "l"}, {"owner": "o"}, {"kind": "convert"})):
        asked = keyed(f"o{number}", **{"key": "k"} | other)
        found = await store.submit(replace(asked, identity=str(number)), now_ms=1, queue_limit=9)
        assert (found.record.id, found.how) == (f"o{number}", Acceptance.NEW)
    late = await store.submit(keyed("j3", "k"), now_ms=KEPT_MS, queue_limit=9)
    assert (late.record.id, late.how) == ("j3", Acceptance.NEW)


async def test_a_key_for_two_requests(store: JobTable) -> None:
    """Refused, whatever became of the first; nothing is accepted."""
    await submit(store, keyed("j1", "k"))
    with pytest.raises(OvenError) as caught:
        await submit(store, replace(keyed("j2", "k"), identity="other"))
    assert (caught.value.code, caught.value.status) == (Code.IDEMPOTENCY_KEY_REUSED, 422)
    assert await store.get("j2") is None


async def test_a_key_that_was_refused_is_free(store: JobTable) -> None:
    """A full queue forgets it with the request."""
    await submit(store, new("j0"), limit=1)
    with pytest.raises(OvenError):
        await submit(store, keyed("j1", "k"), limit=1)
    found = await store.submit(keyed("j2", "k"), now_ms=0, queue_limit=9)
    assert (found.record.id, found.how) == ("j2", Acceptance.NEW)


async def test_twenty_of_one_key_are_one(store: JobTable) -> None:
    """However they meet: one is new, the others are given it."""
    found: list[Accepted] = []

    async def send(number: int) -> None:
        found.append(await store.submit(keyed(f"j{number}", "k"), now_ms=0, queue_limit=9))

    async with anyio.create_task_group() as group:
        for number in range(20):
            group.start_soon(send, number)
    assert len({accepted.record.id for accepted in found}) == 1
    assert sorted(accepted.how for accepted in found) == [Acceptance.NEW] + [Acceptance.REPLAY] * 19


async def test_a_full_queue(store: JobTable) -> None:
    """Refused without a trace; what runs does not count."""
    await submit(store, new("j1"), limit=1)
    with pytest.raises(OvenError) as caught:
        await submit(store, new("j2"), limit=1)
    assert (caught.value.code, caught.value.retryable) == (Code.QUEUE_FULL, True)
    assert await store.get("j2") is None
    await claim(store)
    await submit(store, new("j2"), limit=1)


async def test_claims_are_in_order_of_acceptance(store: JobTable) -> None:
    """Each with a token, a lease and one attempt more; none twice."""
    for name in ("j1", "j2"):
        await submit(store, new(name))
    first, second = await claim(store, "t1"), await claim(store, "t2")
    assert first is not None
    assert second is not None
    assert (first.id, first.token, first.attempt, first.state) == ("j1", "t1", 1, JobState.RUNNING)
    assert second.id == "j2"
    assert await claim(store, "t3") is None


async def test_jobs_with_one_output_key_wait_for_one_another(store: JobTable) -> None:
    """Others go ahead meanwhile; also a job that waits for its next try keeps its place."""
    await submit(store, new("j1", key="k"))
    await submit(store, new("j2", key="k"))
    await submit(store, new("j3", key="other"))
    assert [getattr(await claim(store, token), "id", None) for token in ("a", "b", "c")] == ["j1", "j3", None]
    await store.retry_later("j1", "a", OvenError(Code.ENCODE_CRASHED, "x"), available_ms=1000, now_ms=0)
    assert await claim(store, "d") is None
    assert await store.finish("j1", "a", DONE, now_ms=1) is None
    again = await claim(store, "e", now_ms=1000)
    assert again is not None
    assert again.id == "j1"
    await store.finish("j1", "e", DONE, now_ms=1001)
    after = await claim(store, "f")
    assert after is not None
    assert after.id == "j2"


async def test_a_beat_renews_the_lease(store: JobTable) -> None:
    """And tells how far it is."""
    await submit(store, new("j1"))
    await claim(store)
    assert [job.id for job in await store.expired(now_ms=LEASE_MS)] == ["j1"]
    assert await store.beat("j1", "t1", lease_until_ms=2 * LEASE_MS, progress=0.5, phase="encode")
    assert await store.expired(now_ms=LEASE_MS) == []
    kept = await store.get("j1")
    assert kept is not None
    assert (kept.progress, kept.phase) == (0.5, "encode")


async def test_who_was_replaced_changes_nothing(store: JobTable) -> None:
    """Every write of an attempt is fenced by its token."""
    await submit(store, new("j1"))
    await claim(store, "old")
    await store.crash("j1", "old", now_ms=1)
    current = await claim(store, "new")
    assert current is not None
    assert (current.attempt, current.crashes) == (2, 1)
    assert not await store.begin_publishing("j1", "old", ARTIFACT)
    assert not await store.beat("j1", "old", lease_until_ms=9, progress=1, phase="x")
    error = OvenError(Code.ENCODE_CRASHED, "x")
    for change in (
        store.finish("j1", "old", DONE, now_ms=1),
        store.retry_later("j1", "old", error, available_ms=1, now_ms=1),
        store.hand_back("j1", "old", now_ms=1),
        store.crash("j1", "old", now_ms=1),
    ):
        assert await change is None
    assert await store.get("j1") == current


async def test_what_is_being_published_is_not_cancelled(store: JobTable) -> None:
    """Its object may stand there already; once the attempt has ended otherwise it can be."""
    await submit(store, new("j1"))
    await claim(store)
    assert await store.begin_publishing("j1", "t1", ARTIFACT)
    assert await store.end("j1", FAILED, now_ms=1) is None
    assert await store.hand_back("j1", "t1", now_ms=2) is not None
    assert await store.end("j1", FAILED, now_ms=3) is not None
    await submit(store, new("j2"))
    await claim(store, "t2")
    assert await store.begin_publishing("j2", "t2", ARTIFACT)
    ended = await store.finish("j2", "t2", DONE, now_ms=4)
    assert ended is not None
    assert ended.state is JobState.DONE


async def test_an_object_is_known_before_it_appears(store: JobTable) -> None:
    """So what a job that failed, or was killed, had published is not forgotten; written once."""
    await submit(store, new("j1"))
    await claim(store)
    await store.begin_publishing("j1", "t1", replace(ARTIFACT, sha256=""))
    expiry = ExpiredJobTable(database=store.database)
    await store.crash("j1", "t1", now_ms=1)
    await store.end("j1", FAILED, now_ms=2)
    assert await expiry.last_objects("j1") == [(ARTIFACT.target, False)]
    await store.rerun("j1", now_ms=3, queue_limit=9)
    await claim(store, "t2", now_ms=3)
    await store.begin_publishing("j1", "t2", ARTIFACT)
    await store.finish("j1", "t2", DONE, now_ms=4)
    assert await expiry.last_objects("j1") == [(ARTIFACT.target, False)]


async def test_jobs_to_skip_are_left(store: JobTable) -> None:
    """For those behind them, or for later."""
    await submit(store, new("j1"))
    await submit(store, new("j2"))
    taken = await store.claim("t1", now_ms=0, lease_ms=LEASE_MS, skip=["j1"])
    assert taken is not None
    assert taken.id == "j2"
    assert await store.claim("t2", now_ms=0, lease_ms=LEASE_MS, skip=["j1"]) is None


async def test_only_some_kinds(store: JobTable) -> None:
    """Others are left for later, but one that goes first with its output key still does."""
    await submit(store, replace(new("j1", key="k"), kind="convert"))
    await submit(store, new("j2", key="k"))
    await submit(store, new("j3"))
    taken = await store.claim("t1", now_ms=0, lease_ms=LEASE_MS, kinds=["bake", "other"])
    assert taken is not None
    assert taken.id == "j3"
    assert await store.claim("t2", now_ms=0, lease_ms=LEASE_MS, kinds=["bake", "other"]) is None
    assert await store.claim("t2", now_ms=0, lease_ms=LEASE_MS, kinds=[]) is None
    assert await store.counts(kinds=["bake"]) == {JobState.RUNNING: 1, JobState.QUEUED: 1}
    assert await store.counts(kinds=[]) == {}


async def test_when_a_time_comes_next(store: JobTable) -> None:
    """Later than an instant: what was due then is not told again and again."""
    await submit(store, new("j1"), now_ms=5)
    await submit(store, new("j2"), now_ms=9)
    found = [await store.next_available_ms(after_ms=after_ms) for after_ms in (4, 5, 8, 9)]
    assert found == [5, 9, 9, None]


async def test_an_earlier_runs_message_is_superseded(store: JobTable) -> None:
    """By a later run's end: it must not arrive after that one's; what was delivered stays so."""
    outbox = OutboxTable(database=store.database)
    told = replace(FAILED, callback={"status": "error"})
    await submit(store, new("j1"))
    await store.end("j1", told, now_ms=1)
    await store.rerun("j1", now_ms=2, queue_limit=9)
    (first,) = await outbox.due(now_ms=9, limit=9)
    await store.end("j1", told, now_ms=3)
    assert [message.run for message in await outbox.due(now_ms=9, limit=9)] == [2]
    # A try that was under way meanwhile does not bring it back.
    pending = MessageState.PENDING
    await outbox.tried(first, status=500, error="", took_ms=1, now_ms=4, state=pending, next_ms=5)
    states = {message.run: message.state for message in await outbox.of_jobs(["j1"])}
    assert states == {1: MessageState.SUPERSEDED, 2: MessageState.PENDING}
    assert len(await outbox.deliveries("j1")) == 1


async def test_the_end_of_a_run(store: JobTable) -> None:
    """State, result and instants; then nothing changes it but a next run."""
    await submit(store, new("j1"))
    await claim(store, now_ms=7)
    ended = await store.finish("j1", "t1", DONE, now_ms=9)
    assert ended is not None
    assert (ended.state, ended.result, ended.progress) == (JobState.DONE, {"size": 5}, 1.0)
    assert (ended.started_ms, ended.finished_ms, ended.token) == (7, 9, "")
    assert await store.finish("j1", "t1", FAILED, now_ms=10) is None
    assert await store.end("j1", FAILED, now_ms=10) is None


async def test_a_failed_run_tells_why(store: JobTable) -> None:
    """With the public members of the error."""
    await submit(store, new("j1"))
    ended = await store.end("j1", FAILED, now_ms=3)
    assert ended is not None
    assert ended.error is not None
    assert ended.error["code"] == "NO_FRAMES"
    assert ended.state is JobState.FAILED


async def test_a_hand_back_leaves_no_trace(store: JobTable) -> None:
    """The attempt was not one."""
    await submit(store, new("j1"))
    await claim(store)
    back = await store.hand_back("j1", "t1", now_ms=1)
    assert back is not None
    assert (back.state, back.attempt, back.crashes) == (JobState.QUEUED, 0, 0)


async def test_the_next_run(store: JobTable) -> None:
    """Under the same id, from the beginning, behind those who wait."""
    await submit(store, new("j1"))
    assert await store.rerun("j1", now_ms=5, queue_limit=9) is None
    await store.end("j1", FAILED, now_ms=3)
    await submit(store, new("j2"))
    again = await store.rerun("j1", now_ms=5, queue_limit=9)
    assert again is not None
    assert (again.run, again.attempt, again.state, again.error) == (2, 0, JobState.QUEUED, None)
    first = await claim(store, now_ms=9)
    assert first is not None
    assert first.id == "j2"
    await claim(store, "t2", now_ms=9)
    assert await store.finish("j1", "t2", DONE, now_ms=11) is not None


async def test_pages(store: JobTable) -> None:
    """Newest first, by state and kind, from a cursor on."""
    for number in range(5):
        await submit(store, new(f"j{number}"), now_ms=number // 2)
    await store.end("j0", FAILED, now_ms=9)
    first = await store.page(limit=2)
    assert [job.id for job in first] == ["j4", "j3"]
    rest = await store.page(limit=9, before=(first[-1].created_ms, first[-1].id))
    assert [job.id for job in rest] == ["j2", "j1", "j0"]
    assert [job.id for job in await store.page(limit=9, states=[JobState.FAILED])] == ["j0"]
    assert await store.page(limit=9, kind="export") == []


async def test_when_the_next_may_run(store: JobTable) -> None:
    """None where nobody waits."""
    assert await store.next_available_ms() is None
    await submit(store, new("j1"), now_ms=5)
    assert await store.next_available_ms() == 5
    await claim(store, now_ms=5)
    assert await store.next_available_ms() is None


async def test_seq_grows_with_every_change(store: JobTable) -> None:
    """So that a reader knows what is newer."""
    accepted = await submit(store, new("j1"))
    claimed = await claim(store)
    ended = await store.finish("j1", "t1", replace(DONE, artifacts=()), now_ms=1)
    assert claimed is not None
    assert ended is not None
    assert accepted.seq < claimed.seq < ended.seq
