"""What is kept of callers' keys."""

from dataclasses import replace
from pathlib import Path

from sqlalchemy import func, select

from oven.adapters.database.engine import open_database
from oven.adapters.database.idempotency import KEPT_MS
from oven.adapters.database.jobs import JobTable
from oven.adapters.database.schema import idempotency_keys as keys
from tests.contract.test_jobs import new


async def test_keys_do_not_pile_up(tmp_path: Path) -> None:
    """Those that are a day old go with the next that comes; requests without one leave none."""
    async with open_database(tmp_path) as database:
        store = JobTable(database=database)
        for number, now_ms in enumerate((0, 1, KEPT_MS)):
            await store.submit(replace(new(f"j{number}"), key=str(number)), now_ms=now_ms, queue_limit=9)
        await store.submit(new("plain"), now_ms=KEPT_MS, queue_limit=9)
        assert await database.scalar(select(func.count()).select_from(keys)) == 2
