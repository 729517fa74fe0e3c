"""Jobs whose results may be reused."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from oven.adapters.database.engine import Database, open_database
from oven.adapters.database.jobs import JobTable
from oven.adapters.database.made import MadeTable
from oven.domain.job import JobState
from oven.pipeline.storage import StoredObject
from oven.recipes.steps import Target
from tests.contract.test_jobs import ARTIFACT, DONE, FAILED, new

KEPT = replace(ARTIFACT, version="v1")
MADE = replace(DONE, artifacts=(KEPT,), fingerprint="f")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path) as opened:
        yield opened


async def end(
    database: Database, job_id: str, *, now_ms: int = 0, outcome: Any = MADE, **changes: Any
) -> None:
    """Let a job end."""
    jobs = JobTable(database=database)
    if await jobs.get(job_id) is None:
        await jobs.submit(replace(new(job_id), **changes), now_ms=now_ms, queue_limit=9)
    else:
        await jobs.rerun(job_id, now_ms=now_ms, queue_limit=9)
    token = f"{job_id}-{now_ms}"
    await jobs.claim(token, now_ms=now_ms, lease_ms=9)
    assert await jobs.finish(job_id, token, outcome, now_ms=now_ms) is not None


async def found(database: Database, kind: str = "bake", fingerprint: str = "f", limit: int = 9) -> list[str]:
    made = await MadeTable(database=database, release="r").latest(kind, fingerprint, limit=limit)
    return [job.id for job in made]


async def test_what_was_made(database: Database) -> None:
    """With its result and its objects, by name."""
    other = replace(KEPT, name="thumbnail", target=Target("b", "t"), version="v2")
    await end(database, "a", outcome=replace(MADE, artifacts=(KEPT, other)))
    (job,) = await MadeTable(database=database, release="r").latest("bake", "f", limit=1)
    assert (job.id, job.result) == ("a", {"size": 5})
    assert job.objects == {
        "video": (Target("b", "k"), StoredObject(size_bytes=5, sha256="x", version="v1")),
        "thumbnail": (Target("b", "t"), StoredObject(size_bytes=5, sha256="x", version="v2")),
    }


async def test_the_newest_come_first(database: Database) -> None:
    """And no more than were asked for."""
    for number, name in enumerate("abc"):
        await end(database, name, now_ms=number)
    assert await found(database) == ["c", "b", "a"]
    assert await found(database, limit=2) == ["c", "b"]


async def test_others(database: Database) -> None:
    """Are not given: of another kind, another fingerprint, another owner, or nothing that is known."""
    await end(database, "a")
    await end(database, "kind", kind="convert")
    await end(database, "owner", owner="ada")
    await end(database, "other", outcome=replace(MADE, fingerprint="other"))
    await end(database, "none", outcome=replace(MADE, fingerprint=""))
    await end(database, "unknown", outcome=replace(MADE, artifacts=(ARTIFACT,)))
    assert await found(database) == ["a"]
    assert await found(database, kind="convert") == ["kind"]


async def test_a_job_that_is_run_again(database: Database) -> None:
    """Has what its latest run made, if that ended well."""
    await end(database, "a")
    await end(database, "a", now_ms=1, outcome=replace(MADE, artifacts=(replace(KEPT, version="v2"),)))
    (job,) = await MadeTable(database=database, release="r").latest("bake", "f", limit=1)
    assert job.objects["video"][1].version == "v2"
    await JobTable(database=database).rerun("a", now_ms=2, queue_limit=9)
    assert await found(database) == []
    await JobTable(database=database).end("a", FAILED, now_ms=3)
    record = await JobTable(database=database).get("a")
    assert record is not None
    assert record.state is JobState.FAILED
    assert await found(database) == []
