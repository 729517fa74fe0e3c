"""Opening the database."""

import resource
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import anyio
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from oven.adapters.database.engine import FILE, Database, open_database
from oven.adapters.database.file import MIGRATIONS
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


async def count_to(database: Database, value: int) -> None:
    def change(connection: Connection) -> None:
        connection.execute(text("UPDATE counters SET value = :value"), {"value": value})

    await database.write(change)


async def test_a_new_database(tmp_path: Path) -> None:
    """Made with its folder, durable, with the newest tables; and opened again as it is."""
    for _ in range(2):
        async with open_database(tmp_path / "data") as database:
            assert await database.scalar(text("PRAGMA journal_mode")) == "wal"
            assert await database.scalar(text("PRAGMA synchronous")) == 2
            assert await database.scalar(text("SELECT count(*) FROM jobs")) == 0
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


async def test_a_migration_is_whole_or_not_at_all(tmp_path: Path) -> None:
    """One that breaks off late leaves no table of its first steps, and another try the same copy."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = f"sqlite:///{tmp_path / FILE}"
    command.upgrade(config, "0005")
    run_sql(tmp_path, "CREATE TABLE scenes (in_the_way INTEGER)")

    def schema(file: Path) -> list[tuple[str]]:
        with closing(sqlite3.connect(file)) as connection:
            return connection.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()

    before = schema(tmp_path / FILE)
    for _ in range(2):
        assert (await opening(tmp_path)).code is Code.STORAGE_DENIED
        assert schema(tmp_path / FILE) == before
    (copy,) = tmp_path.glob("*.before-*")
    assert schema(copy) == before


async def test_a_copy_that_was_broken_off_is_none(tmp_path: Path) -> None:
    """Whoever looks for the copy finds a whole one, or none."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = f"sqlite:///{tmp_path / FILE}"
    command.upgrade(config, "0001")
    # A file may not grow beyond 8 KiB, which a copy meets as it meets a full disk.
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_192, before[1]))
    try:
        await opening(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in tmp_path.glob(f"{FILE}*")] == [FILE]
    async with open_database(tmp_path):
        pass


async def test_a_locked_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's transaction is waited for, then told; nothing was changed."""
    monkeypatch.setattr("oven.adapters.database.engine.BUSY_TIMEOUT_MS", 50)
    async with open_database(tmp_path) as database:
        with closing(sqlite3.connect(tmp_path / FILE)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(OvenError) as caught:
                await count_to(database, 9)
        assert (caught.value.code, caught.value.retryable) == (Code.STORE_UNAVAILABLE, True)
        assert await database.scalar(text("SELECT value FROM counters")) == 0


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
    async with open_database(tmp_path / name) as database:
        assert await database.scalar(text("SELECT count(*) FROM jobs")) == 0
    assert [folder.name for folder in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / FILE).stat().st_size > 0


async def test_nobody_else_reads_it(tmp_path: Path) -> None:
    """Nor what SQLite puts beside it, in a folder that others may enter."""
    tmp_path.chmod(0o755)
    async with open_database(tmp_path) as database:
        await count_to(database, 1)
        modes = {file.name: file.stat().st_mode & 0o077 for file in tmp_path.iterdir()}
    assert {FILE, f"{FILE}-wal"} <= set(modes)
    assert set(modes.values()) == {0}, modes


async def test_files_that_are_no_database_of_ours(tmp_path: Path) -> None:
    """Told in a sentence, and left as they are."""
    run_sql(tmp_path, "CREATE TABLE jobs (x)")
    before = (tmp_path / FILE).read_bytes()
    assert (await opening(tmp_path)).code is Code.STORE_CORRUPT
    assert (tmp_path / FILE).read_bytes() == before


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


async def test_a_change_that_fails_changes_nothing(tmp_path: Path) -> None:
    """Nor is anybody told of it; what is cancelled meanwhile is made whole."""
    told: list[int] = []
    async with open_database(tmp_path, committed=lambda: told.append(1)) as database:

        def fail(connection: Connection) -> None:
            connection.execute(text("UPDATE counters SET value = 7"))
            raise RuntimeError

        with pytest.raises(RuntimeError):
            await database.write(fail)
        assert await database.scalar(text("SELECT value FROM counters")) == 0
        assert told == []
        with anyio.CancelScope() as scope:
            scope.cancel()
            await count_to(database, 8)
        assert await database.scalar(text("SELECT value FROM counters")) == 8
        assert told == [1]


async def test_who_waits_too_long_for_a_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is told; one slow transaction does not hold up the readers."""
    monkeypatch.setattr("oven.adapters.database.engine.QUEUE_TIMEOUT_S", 0.05)
    begun, gate = threading.Event(), threading.Event()

    def slow(_: Connection) -> None:
        begun.set()
        gate.wait(10)

    async with open_database(tmp_path) as database, anyio.create_task_group() as group:
        group.start_soon(database.write, slow)
        await anyio.to_thread.run_sync(begun.wait)
        with pytest.raises(OvenError) as caught:
            await count_to(database, 1)
        assert caught.value.code is Code.STORE_UNAVAILABLE
        assert await database.scalar(text("SELECT value FROM counters")) == 0
        gate.set()
