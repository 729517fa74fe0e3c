"""Changes of a job's life are proved by the contract suite; this is how they are asked for."""

from pathlib import Path

from sqlalchemy import Connection

from oven.adapters.database import transitions
from oven.adapters.database.engine import open_database
from oven.adapters.database.jobs import JobTable
from tests.contract.test_jobs import new


async def test_several_in_one_transaction(tmp_path: Path) -> None:
    """A caller may make more than one change at once: all of them are made, and seen, together."""
    async with open_database(tmp_path) as database:

        def both(connection: Connection) -> None:
            transitions.submit(connection, new("a"), now_ms=1, queue_limit=9)
            transitions.claim(connection, "t", now_ms=1, lease_ms=1, skip=())

        await database.write(both)
        record = await JobTable(database=database).get("a")
    assert record is not None
    assert (record.token, record.attempt) == ("t", 1)
