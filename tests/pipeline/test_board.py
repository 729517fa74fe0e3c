"""What everybody may look at."""

import anyio
import pytest

from oven.domain.errors import NotFoundError
from oven.domain.job import JobRecord, JobState
from oven.pipeline import board as module
from oven.pipeline.board import Board
from oven.pipeline.service import Service
from tests.pipeline.test_service import new


async def test_every_end_is_told_once(service: Service) -> None:
    """Those before it began are not; a job's second run ends anew."""
    await service.submit(new("j0"))
    await service.cancel("j0", owner=None)
    known = await service.jobs.latest_seq()
    ended: list[tuple[str, int, JobState]] = []

    def take(record: JobRecord) -> None:
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
