"""Opening the database."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from oven.adapters.database.engine import FILE, MIGRATIONS, open_database
from oven.adapters.database.jobs import JobTable
from oven.domain.errors import Code, OvenError
from tests.contract.test_jobs import new, submit


async def opening(folder: Path) -> OvenError:
    with pytest.raises(OvenError) as caught:
        async with open_database(folder):
            pass
    return caught.value


def run_sql(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / FILE)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


async def test_a_new_database(tmp_path: Path) -> None:
    """Made with its folder, durable, with the newest tables; and opened again as it is."""
    for _ in range(2):
        async with open_database(tmp_path / "data") as database, database.read() as connection:
            assert (await connection.execute(text("PRAGMA journal_mode"))).scalar() == "wal"
            assert (await connection.execute(text("PRAGMA synchronous"))).scalar() == 2
            assert (await connection.execute(text("SELECT count(*) FROM jobs"))).scalar() == 0
    assert not list((tmp_path / "data").glob("*.before-*"))


async def test_one_daemon_at_a_time(tmp_path: Path) -> None:
    """The second is told; after the first it may."""
    async with open_database(tmp_path):
        error = await opening(tmp_path)
        assert error.code is Code.DATA_DIR_LOCKED
        assert str(tmp_path) not in error.message
    async with open_database(tmp_path):
        pass


async def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    """An older Oven would not know what it breaks."""
    async with open_database(tmp_path):
        pass
    run_sql(tmp_path, "UPDATE alembic_version SET version_num = '9999'")
    before = (tmp_path / FILE).read_bytes()
    assert (await opening(tmp_path)).code is Code.STORE_TOO_NEW
    assert (tmp_path / FILE).read_bytes() == before


async def test_a_copy_before_each_migration(tmp_path: Path) -> None:
    """An older file is kept as it was, beside the new one."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = f"sqlite:///{tmp_path / FILE}"
    command.upgrade(config, "0001")
    run_sql(tmp_path, "UPDATE counters SET value = 7")
    async with open_database(tmp_path) as database:
        assert await JobTable(database=database).latest_seq() == 7
    (copy,) = tmp_path.glob("*.before-*")
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)


async def test_a_locked_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's transaction is waited for, then told; nothing was changed."""
    monkeypatch.setattr("oven.adapters.database.engine.BUSY_TIMEOUT_MS", 50)
    async with open_database(tmp_path) as database:
        with closing(sqlite3.connect(tmp_path / FILE)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(OvenError) as caught:
                async with database.write() as connection:
                    await connection.execute(text("UPDATE counters SET value = 9"))
        assert (caught.value.code, caught.value.retryable) == (Code.STORE_UNAVAILABLE, True)
        async with database.read() as connection:
            assert (await connection.execute(text("SELECT value FROM counters"))).scalar() == 0


@pytest.mark.parametrize("harm", ["header", "page"])
async def test_a_damaged_file_is_refused(tmp_path: Path, harm: str) -> None:
    """And left as it is, for whoever can save it."""
    async with open_database(tmp_path):
        pass
    run_sql(tmp_path, "CREATE TABLE filler (a)", *["INSERT INTO filler VALUES (randomblob(3000))"] * 20)
    data = bytearray((tmp_path / FILE).read_bytes())
    start = 0 if harm == "header" else 4096 * 3
    data[start : start + 4096] = b"\xff" * 4096
    (tmp_path / FILE).write_bytes(data)
    assert (await opening(tmp_path)).code is Code.STORE_CORRUPT
    assert (tmp_path / FILE).read_bytes() == data


async def test_one_daemon_a_database(tmp_path: Path) -> None:
    """Also where two data directories name one file."""
    file = tmp_path / "shared" / "o.db"
    file.parent.mkdir()
    async with open_database(tmp_path / "a", file):
        with pytest.raises(OvenError) as caught:
            async with open_database(tmp_path / "b", file):
                pass
    assert caught.value.code is Code.DATA_DIR_LOCKED


@pytest.mark.parametrize("name", ["100%", "a?b", "#x", "a b&c=d"])
async def test_odd_names_of_folders(tmp_path: Path, name: str) -> None:
    """Are names like any other: the database is in there and nowhere else."""
    async with open_database(tmp_path / name) as database, database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM jobs"))).scalar() == 0
    assert [folder.name for folder in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / FILE).stat().st_size > 0


async def test_nobody_else_reads_it(tmp_path: Path) -> None:
    """Nor what SQLite puts beside it, in a folder that others may enter."""
    tmp_path.chmod(0o755)
    async with open_database(tmp_path) as database, database.write() as connection:
        await connection.execute(text("UPDATE counters SET value = 1"))
    modes = {file.name: file.stat().st_mode & 0o077 for file in tmp_path.iterdir()}
    assert set(modes.values()) == {0}, modes


async def test_files_that_are_no_database_of_ours(tmp_path: Path) -> None:
    """Told in a sentence, and left as they are."""
    run_sql(tmp_path, "CREATE TABLE jobs (x)")
    before = (tmp_path / FILE).read_bytes()
    assert (await opening(tmp_path)).code is Code.STORE_CORRUPT
    assert (tmp_path / FILE).read_bytes() == before
    with pytest.raises(OvenError) as caught:
        async with open_database(tmp_path / "data", Path("/dev/null")):
            pass
    assert caught.value.code is Code.STORAGE_DENIED


async def test_whether_it_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading alone would not tell."""
    monkeypatch.setattr("oven.adapters.database.engine.BUSY_TIMEOUT_MS", 50)
    async with open_database(tmp_path) as database:
        await database.check()
        with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(OvenError) as caught:
                await database.check()
            assert caught.value.code is Code.STORE_UNAVAILABLE
            other.execute("ROLLBACK")
        await database.check()


async def test_whether_there_are_jobs(tmp_path: Path) -> None:
    """Told at the opening: what was sealed before is theirs."""
    async with open_database(tmp_path) as database:
        assert database.is_new
        await submit(JobTable(database=database), new("j1"))
    async with open_database(tmp_path) as database:
        assert not database.is_new
