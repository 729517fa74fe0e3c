"""What a database says of itself."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from oven.adapters.database.engine import open_database
from oven.adapters.database.file import known_schemas, prepare
from oven.adapters.database.survey import survey
from oven.domain.errors import Code, OvenError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database that nobody has open."""
    file = tmp_path / "oven.db"
    prepare(file)
    return file


@pytest.fixture(autouse=True)
def untouched(tmp_path: Path) -> Iterator[None]:
    """Nothing stays beside it."""
    yield
    assert {path.name for path in tmp_path.iterdir()} <= {"oven.db", "lock", "folder"}


def change(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(statement)
        connection.commit()


def complaint(file: Path) -> OvenError:
    with pytest.raises(OvenError) as caught:
        survey(file)
    return caught.value


def test_one_of_this_release(file: Path) -> None:
    """Its schema and its size; the file is as it was."""
    before = file.stat()
    found = survey(file)
    assert found is not None
    assert (found.schema, found.is_current, found.size_bytes) == (known_schemas()[0], True, before.st_size)
    assert (file.stat().st_mtime_ns, file.stat().st_size) == (before.st_mtime_ns, before.st_size)


async def test_one_that_is_in_use(tmp_path: Path) -> None:
    """By a daemon, also before anything is in the file itself; nobody is held up."""
    async with open_database(tmp_path) as database:
        found = survey(tmp_path / "oven.db")
        assert found is not None
        assert found.is_current
        await database.check()


def test_an_older_one(file: Path) -> None:
    """Can be taken over."""
    change(file, f"UPDATE alembic_version SET version_num = '{known_schemas()[-1]}'")  # noqa: S608
    found = survey(file)
    assert found is not None
    assert not found.is_current


def test_a_newer_one(file: Path) -> None:
    """Cannot: in the words in which the daemon would refuse it."""
    change(file, "UPDATE alembic_version SET version_num = '9999'")
    error = complaint(file)
    assert error.code is Code.STORE_TOO_NEW
    with pytest.raises(OvenError) as caught:
        prepare(file)
    assert (caught.value.message, caught.value.hint) == (error.message, error.hint)


def test_no_database(tmp_path: Path) -> None:
    """None, and an empty file, say nothing; what is none of ours is told."""
    assert survey(tmp_path / "oven.db") is None
    (tmp_path / "oven.db").touch()
    assert survey(tmp_path / "oven.db") is None
    (tmp_path / "oven.db").write_bytes(b"no database" * 999)
    assert complaint(tmp_path / "oven.db").code is Code.STORE_CORRUPT
    (tmp_path / "oven.db").unlink()
    change(tmp_path / "oven.db", "CREATE TABLE others (x)")
    assert complaint(tmp_path / "oven.db").message.startswith("the database is none of Oven's")
    (tmp_path / "folder").mkdir()
    assert complaint(tmp_path / "folder").code is Code.STORAGE_DENIED


def test_one_that_a_killed_daemon_left(file: Path) -> None:
    """What is in the log beside counts."""
    program = (
        "import os, sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1])\n"
        "connection.execute(\"UPDATE alembic_version SET version_num = '9999'\")\n"
        "connection.commit()\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(file)], check=True)
    assert file.with_name("oven.db-wal").stat().st_size
    assert complaint(file).code is Code.STORE_TOO_NEW
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
