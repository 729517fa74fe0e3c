"""The outbox; its delivery is proved with the callbacks."""

from pathlib import Path

from oven.adapters.database.engine import open_database
from oven.adapters.database.jobs import JobTable
from oven.adapters.database.outbox import OutboxTable
from oven.pipeline.messages import MessageState
from tests.contract.test_jobs import DONE, new, submit


async def test_due_tried_and_replayed(tmp_path: Path) -> None:
    """A message is due until it is taken, and again when it is replayed."""
    async with open_database(tmp_path) as database:
        jobs, outbox = JobTable(database=database), OutboxTable(database=database)
        assert await outbox.next_due_ms() is None
        await submit(jobs, new("j1"))
        await jobs.end("j1", DONE, now_ms=50)
        assert await outbox.next_due_ms() == 50
        assert await outbox.due(now_ms=49, limit=9) == []
        (message,) = await outbox.due(now_ms=50, limit=9)
        assert (message.job_id, message.run, message.tries) == ("j1", 1, 0)
        await outbox.tried(
            message,
            status=200,
            error="",
            took_ms=3,
            now_ms=51,
            state=MessageState.DELIVERED,
            next_ms=51,
        )
        assert await outbox.due(now_ms=99, limit=9) == []
        assert await outbox.replay("j1", 2, now_ms=60) == 0
        assert await outbox.replay("j1", 1, now_ms=60) == 1
        (again,) = await outbox.due(now_ms=60, limit=9)
        assert (again.id, again.body, again.tries) == (message.id, message.body, 0)
