"""The database's file: its kind, its lock, its integrity, its migrations."""

import fcntl
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, create_engine
from sqlalchemy.exc import SQLAlchemyError

from oven.adapters.os_errors import translated
from oven.domain.errors import Code, FaultError

PRIVATE = 0o600
MIGRATIONS = Path(__file__).with_name("migrations")


def check_kind(file: Path) -> None:
    """Look at a file before anything is done to it, or beside it: a device's mode is everybody's."""
    if file.exists() and not file.is_file():
        raise FaultError(
            Code.STORAGE_DENIED,
            "the database is no regular file; it was left as it is",
            hint="Name a file in OVEN_DATABASE_URL.",
            detail=str(file),
        )


def lock(file: Path) -> int:
    with translated("opening the data directory"):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        held = os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(held)
        raise FaultError(
            Code.DATA_DIR_LOCKED,
            "another Oven is using this data directory, or this database",
            hint="Stop it first, or give this one its own OVEN_DATA_DIR and OVEN_DATABASE_URL.",
            detail=str(file),
        ) from error
    return held


def prepare(file: Path) -> bool:
    """Check the file's integrity, then bring its tables up to date, with a copy of it made before.

    True where no job is in it.
    """
    try:
        with translated("making the database"):
            # Callers' URLs are in it, with their signatures; what SQLite puts beside it gets its mode.
            file.touch(mode=PRIVATE)
            file.chmod(PRIVATE)
        _migrate(file)
        with closing(sqlite3.connect(file)) as connection:
            return connection.execute("SELECT 1 FROM jobs LIMIT 1").fetchone() is None
    except (sqlite3.Error, SQLAlchemyError) as error:
        raise FaultError(
            Code.STORAGE_DENIED,
            f"the database cannot be opened: {error.__cause__ or error}".splitlines()[0],
            hint="Check its folder, its owner and its mode, and the room on the disk.",
            detail=str(file),
        ) from error


def known_schemas() -> tuple[str, ...]:
    """Name the schemas that this release knows, its own first."""
    script = ScriptDirectory.from_config(_config())
    return tuple(revision.revision for revision in script.walk_revisions())


def too_new(schema: str) -> FaultError:
    return FaultError(
        Code.STORE_TOO_NEW,
        f"the database was written by a newer Oven (its schema is {schema})",
        hint="Start the newer Oven, or restore the copy that it made before it migrated.",
    )


def none_of_ours(file: Path) -> FaultError:
    return FaultError(
        Code.STORE_CORRUPT,
        "the database is none of Oven's; it was left as it is",
        hint="Name another file in OVEN_DATABASE_URL, or move this one away.",
        detail=str(file),
    )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _migrate(file: Path) -> None:
    config, known = _config(), known_schemas()
    config.attributes["url"] = URL.create("sqlite", database=str(file))
    if file.stat().st_size:
        _check(file)
        current = _revision(file)
        if current == known[0]:
            _use_wal(file)
            return
        if current is None and _has_tables(file):
            raise none_of_ours(file)
        if current is not None and current not in known:
            raise too_new(current)
        copy = file.with_name(f"{file.name}.before-{known[0]}")
        with translated("copying the database before its migration"):
            _copy(file, copy)
    command.upgrade(config, "head")
    _use_wal(file)


def _copy(file: Path, copy: Path) -> None:
    """Copy a database under a name that stands for a whole one: what is broken off has another, or none."""
    making = file.with_name(f"{file.name}.making")
    try:
        shutil.copy(file, making)
        with making.open("rb") as made:
            os.fsync(made.fileno())
        making.replace(copy)
    finally:
        making.unlink(missing_ok=True)


def _use_wal(file: Path) -> None:
    """Set the journal's kind, which the file remembers; while others are connected it could not be set."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


def _check(file: Path) -> None:
    try:
        with closing(sqlite3.connect(file)) as connection:
            # What a killed daemon left in the write-ahead log comes into the file, so that a copy is whole.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise FaultError(
            Code.STORE_CORRUPT,
            "the database is damaged; it was left as it is",
            hint="Restore a backup, or move oven.db away to start empty.",
            detail=f"{file}: {found}",
        )


def _revision(file: Path) -> str | None:
    engine = create_engine(URL.create("sqlite", database=str(file)))
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def _has_tables(file: Path) -> bool:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None
