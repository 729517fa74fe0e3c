"""What everybody may look at."""

from dataclasses import replace

import anyio
import pytest

from oven.adapters.database.jobs import JobTable
from oven.domain.errors import Code, NotFoundError, TransientError
from oven.domain.job import JobRecord, JobState
from oven.pipeline import board as module
from oven.pipeline.board import Board
from oven.pipeline.progress import Live
from oven.pipeline.service import Service
from tests.pipeline.test_service import new


async def test_every_end_is_told_once(service: Service) -> None:
    """Those before it began are not; a job's second run ends anew."""
    await service.submit(new("j0"))
    await service.cancel("j0", owner=None)
    known = await service.jobs.latest_seq()
    ended: list[tuple[str, int, JobState]] = []

    def take(record: JobRecord) -> None:
        if record.state.is_final:
            ended.append((record.id, record.run, record.state))

    async def until(count: int) -> None:
        with anyio.fail_after(5):
            while len(ended) < count:
                await anyio.sleep(0.01)

    async with anyio.create_task_group() as group:
        group.start_soon(lambda: Board(service=service).follow(take, after=known))
        await service.submit(new("j1"))
        await service.cancel("j1", owner=None)
        await until(1)
        await service.retry("j1", owner=None)
        await service.cancel("j1", owner=None)
        await until(2)
        group.cancel_scope.cancel()
    assert ended == [("j1", 1, JobState.CANCELLED), ("j1", 2, JobState.CANCELLED)]


async def test_looking(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has changed lately stands there; of the rest the store is asked."""
    monkeypatch.setattr(module, "KEPT", 1)
    board = Board(service=service)
    await service.submit(new("j1"))
    async with anyio.create_task_group() as group:
        group.start_soon(lambda: board.follow(lambda _: None, after=0))
        beat = board.pulse.next
        await service.cancel("j1", owner=None)
        with anyio.fail_after(5):
            while (await board.look("j1", owner=None)).state is not JobState.CANCELLED:
                await beat.wait()
                beat = board.pulse.next
        await service.submit(new("j2"))
        with anyio.fail_after(5):
            while "j2" not in board._latest:
                await anyio.sleep(0.01)
        group.cancel_scope.cancel()
    assert set(board._latest) == {"j2"}
    assert (await board.look("j1", owner=None)).state is JobState.CANCELLED
    assert (await board.look("j2", owner="")).id == "j2"
    for job_id, owner in (("nobody", None), ("j1", "bob"), ("j2", "bob")):
        with pytest.raises(NotFoundError):
            await board.look(job_id, owner=owner)


async def test_a_run_that_was_opened_a_moment_ago(service: Service) -> None:
    """Is seen, although the board has only heard of the end before."""
    board = Board(service=service)
    await service.submit(new("j1"))
    await service.cancel("j1", owner=None)
    assert (await board.look("j1", owner=None)).state is JobState.CANCELLED
    await service.retry("j1", owner=None)
    assert (await board.look("j1", owner=None)).state is JobState.QUEUED


async def test_what_waits_is_told_in_the_beginning(service: Service) -> None:
    """Whoever follows knows of all that waits, also of what has not changed since."""
    service.queue_limit = 9
    for name in ("j1", "j2"):
        await service.submit(replace(new(name), identity=name))
    known = await service.jobs.latest_seq()
    heard: list[str] = []
    board = Board(service=service)
    async with anyio.create_task_group() as group:
        group.start_soon(lambda: board.follow(lambda record: heard.append(record.id), after=known))
        with anyio.fail_after(5):
            while len(heard) < 2:
                await anyio.sleep(0.01)
        group.cancel_scope.cancel()
    assert heard == ["j1", "j2"]
    assert (await board.look("j2", owner=None)).outlook.position == 2


class CountingJobs(JobTable):
    """A table that counts how often single jobs are asked for."""

    async def get(self, job_id: str, *, owner: str | None = None) -> JobRecord | None:
        ASKED.append(job_id)
        return await JobTable.get(self, job_id, owner=owner)


ASKED: list[str] = []


async def test_places_cost_no_query(service: Service) -> None:
    """However many look, however often; and who moves up is seen to."""
    ASKED.clear()
    assert isinstance(service.jobs, JobTable)
    service.jobs, service.queue_limit = CountingJobs(database=service.jobs.database), 99
    for number in range(20):
        await service.submit(replace(new(f"j{number}"), identity=str(number), output_key=""))
    board = Board(service=service)
    async with anyio.create_task_group() as group:
        after = await service.jobs.latest_seq()
        group.start_soon(lambda: board.follow(after=after))
        with anyio.fail_after(5):
            while (await board.look("j19", owner=None)).outlook.position != 20:
                await anyio.sleep(0.01)
        asked = len(ASKED)
        for _ in range(100):
            for number in range(20):
                assert (await board.look(f"j{number}", owner=None)).outlook.position == number + 1
        beat = board.pulse.next
        assert await service.jobs.claim("t", now_ms=9, lease_ms=9) is not None
        with anyio.fail_after(5):
            while (await board.look("j19", owner=None)).outlook.position != 19:
                await beat.wait()
                beat = board.pulse.next
        assert (await board.look("j0", owner=None)).outlook.position is None
        group.cancel_scope.cancel()
    assert len(ASKED) == asked


async def test_what_was_shown_does_not_fall(service: Service, live: dict[str, Live]) -> None:
    """The store hears of progress now and then; when an attempt fails, the watcher had seen more of it."""
    await service.submit(new("j1"))
    assert await service.jobs.claim("t", now_ms=5, lease_ms=9) is not None
    board = Board(service=service)
    async with anyio.create_task_group() as group:
        group.start_soon(lambda: board.follow(after=0))
        with anyio.fail_after(5):
            while (await board.look("j1", owner=None)).state is not JobState.RUNNING:
                await anyio.sleep(0.01)
            live["j1"] = Live(0.7, "encode")
            assert (await board.look("j1", owner=None)).progress == 0.7
            del live["j1"]
            assert (await board.look("j1", owner=None)).progress == 0.7
            await service.cancel("j1", owner=None)
            while (await board.look("j1", owner=None)).state is not JobState.CANCELLED:
                await anyio.sleep(0.01)
        assert (await board.look("j1", owner=None)).progress == 0.7
        group.cancel_scope.cancel()


async def test_what_waits_again_has_no_progress(service: Service, live: dict[str, Live]) -> None:
    """An attempt that was given up takes its progress along."""
    await service.submit(new("j1"))
    assert await service.jobs.claim("t", now_ms=5, lease_ms=9) is not None
    board, error = Board(service=service), TransientError(Code.DOWNLOAD_FAILED, "no")
    async with anyio.create_task_group() as group:
        group.start_soon(lambda: board.follow(after=0))
        with anyio.fail_after(5):
            while (await board.look("j1", owner=None)).state is not JobState.RUNNING:
                await anyio.sleep(0.01)
            live["j1"] = Live(0.7, "encode")
            assert (await board.look("j1", owner=None)).progress == 0.7
            del live["j1"]
            assert await service.jobs.retry_later("j1", "t", error, available_ms=99, now_ms=6) is not None
            while (await board.look("j1", owner=None)).state is not JobState.RETRYING:
                await anyio.sleep(0.01)
        assert (await board.look("j1", owner=None)).progress == 0
        group.cancel_scope.cancel()
