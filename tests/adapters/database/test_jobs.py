"""What is special about the job table as a store; its contract stands in tests/contract."""

from pathlib import Path

from sqlalchemy import select

from oven.adapters.database.engine import open_database
from oven.adapters.database.jobs import JobTable
from oven.adapters.database.schema import artifacts, outbox
from tests.contract.test_jobs import DONE, claim, new, submit


async def test_the_end_is_one_transaction(tmp_path: Path) -> None:
    """State, artifacts and message stand together; the message has the job's id and no secret."""
    async with open_database(tmp_path) as database:
        store = JobTable(database=database)
        await submit(store, new("j1"))
        await claim(store)
        await store.finish("j1", "t1", DONE, now_ms=9)
        (artifact,) = await database.all(select(artifacts))
        (message,) = await database.all(select(outbox))
    assert (artifact.job, artifact.run, artifact.bucket, artifact.key) == ("j1", 1, "b", "k")
    assert (message.id, message.state, message.tries) == ("msg_j1_final_1", "pending", 0)
    assert message.body == b'{"status":"complete","jobId":"j1"}'
    assert message.sealed_secret == "s"
