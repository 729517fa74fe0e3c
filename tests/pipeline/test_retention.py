"""What is kept of jobs that ended long ago."""

from pathlib import Path

from oven.adapters.database.assets import AssetTable
from oven.adapters.database.engine import Database, open_database
from oven.adapters.database.expiry import ExpiredJobTable
from oven.adapters.storage.local import LocalStorage
from oven.pipeline.retention import Retention
from oven.recipes.steps import Target
from tests.adapters.database.test_expiry import end_job
from tests.contract.test_assets import asset

DAY_MS = 86_400_000


def retention(database: Database, folder: Path, now_ms: int) -> Retention:
    return Retention(
        jobs=ExpiredJobTable(database=database),
        assets=AssetTable(database=database),
        storage=LocalStorage(buckets={"b": folder}),
        keep_ms=30 * DAY_MS,
        now_ms=lambda: now_ms,
    )


async def test_what_is_over_goes_with_its_files(tmp_path: Path) -> None:
    """Not a day before; others' files stay."""
    out = tmp_path / "out"
    out.mkdir()
    for name in ("old", "young"):
        (out / name).write_bytes(b"x")
    async with open_database(tmp_path / "data") as database:
        await end_job(database, "old", now_ms=0)
        await end_job(database, "young", now_ms=2 * DAY_MS)
        assert await retention(database, out, 30 * DAY_MS).sweep() == 0
        assert await retention(database, out, 31 * DAY_MS).sweep() == 1
        assert [file.name for file in out.iterdir()] == ["young"]
        assert await retention(database, out, 31 * DAY_MS).sweep() == 0


async def test_files_that_are_gone_already(tmp_path: Path) -> None:
    """Are no reason to keep their job: a sweep that was killed in between is finished by the next."""
    async with open_database(tmp_path / "data") as database:
        await end_job(database, "old", now_ms=0)
        assert await retention(database, tmp_path, 31 * DAY_MS).sweep() == 1


async def test_a_file_that_cannot_be_removed(tmp_path: Path) -> None:
    """Keeps its job, so that the next sweep tries again; the others go."""
    (tmp_path / "old").mkdir()
    async with open_database(tmp_path / "data") as database:
        await end_job(database, "old", now_ms=0)
        await end_job(database, "older", now_ms=-1)
        await end_job(database, "also old", now_ms=1)
        assert await retention(database, tmp_path, 31 * DAY_MS).sweep() == 2
        assert await ExpiredJobTable(database=database).last_objects("old") == [Target("b", "old")]


async def test_a_deleted_asset_goes_with_its_objects(tmp_path: Path) -> None:
    """After the same time; not while something brings it, and not where an object cannot be removed."""
    out = tmp_path / "out"
    out.mkdir()
    async with open_database(tmp_path / "data") as database:
        table = AssetTable(database=database)
        for name in ("a1", "a2", "stuck"):
            await table.add(asset(name, key=name), now_ms=0)
            await table.delete(name, owner=None, now_ms=DAY_MS if name == "a2" else 0)
            (out / name).mkdir() if name == "stuck" else (out / name).write_bytes(b"x")
        assert await retention(database, out, 30 * DAY_MS).purge() == 0
        assert await retention(database, out, 30 * DAY_MS + 1).purge() == 1
        assert sorted(file.name for file in out.iterdir()) == ["a2", "stuck"]
        assert [each.id for each in await table.purgeable(before_ms=1, limit=9)] == ["stuck"]
