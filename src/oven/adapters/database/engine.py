"""Opening the database: locked, checked, migrated, with one writer."""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import anyio
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, Executable, Row, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from oven.adapters.os_errors import translated
from oven.domain.errors import Code, FaultError, TransientError

FILE = "oven.db"
LOCK = "lock"
PRIVATE = 0o600
MIGRATIONS = Path(__file__).with_name("migrations")
# How long a statement waits for another process's transaction, an operator's shell for example.
BUSY_TIMEOUT_MS = 5_000
READERS = 4
# How long a transaction waits for its turn with us.
QUEUE_TIMEOUT_S = 5.0

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """Two engines on one file: reads must not take the write lock that every write begins with.

    A transaction is a plain function that runs in a thread, from its begin to its commit: one change of
    threads each, where a driver for the loop has four a statement.
    It is shielded from cancellation, and short: a commit that was cancelled would be unknown.
    `is_new` tells that no job was in it at the start; `committed` is called after every write.
    """

    writer: Engine
    reader: Engine
    is_new: bool
    committed: Callable[[], None]
    threads: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(READERS + 1))
    writing: anyio.Semaphore = field(default_factory=lambda: anyio.Semaphore(1))
    reading: anyio.Semaphore = field(default_factory=lambda: anyio.Semaphore(READERS))

    async def write(
        self, change: Callable[Concatenate[Connection, P], T], *args: P.args, **values: P.kwargs
    ) -> T:
        """Make a change, in a transaction that is the only one writing → what it gives.

        It is on disk when this returns.
        """

        def run() -> T:
            with self.writer.begin() as connection:
                return change(connection, *args, **values)

        result = await self._run(run, self.writing)
        self.committed()
        return result

    async def all(self, query: Executable) -> Sequence[Row[Any]]:
        return await self._read(lambda connection: connection.execute(query).all())

    async def first(self, query: Executable) -> Row[Any] | None:
        return await self._read(lambda connection: connection.execute(query).first())

    async def scalar(self, query: Executable) -> Any:
        return await self._read(lambda connection: connection.execute(query).scalar())

    async def check(self) -> None:
        """Look whether a transaction could write now.

        Raises:
            TransientError: STORE_UNAVAILABLE.

        """

        def run() -> None:
            with self.writer.connect() as connection:
                connection.execute(text("SELECT 1"))

        await self._run(run, self.writing)

    async def _read(self, look: Callable[[Connection], T]) -> T:
        def run() -> T:
            with self.reader.connect() as connection:
                return look(connection)

        return await self._run(run, self.reading)

    async def _run(self, use: Callable[[], T], turns: anyio.Semaphore) -> T:
        """Wait for a turn and run a transaction.

        Raises:
            TransientError: STORE_UNAVAILABLE, it does not answer, is locked, full or read-only; nothing
                was changed.

        """
        answers: list[T] = []
        with anyio.CancelScope(shield=True):
            try:
                with anyio.fail_after(QUEUE_TIMEOUT_S):
                    await turns.acquire()
                try:
                    answers.append(await anyio.to_thread.run_sync(use, limiter=self.threads))
                finally:
                    turns.release()
            except (OperationalError, TimeoutError) as error:
                raise TransientError(
                    Code.STORE_UNAVAILABLE,
                    "the database does not answer",
                    hint="Send it again in a few seconds.",
                    detail=repr(error),
                ) from error
        return answers[0]


@asynccontextmanager
async def open_database(
    folder: Path, file: Path | None = None, *, committed: Callable[[], None] = lambda: None
) -> AsyncIterator[Database]:
    """Open the database of a data directory, as the only daemon that does.

    Args:
        folder: the data directory.
        file: the database's file where it stands elsewhere.
        committed: called after every transaction that wrote.

    Raises:
        FaultError: DATA_DIR_LOCKED, STORE_CORRUPT, STORE_TOO_NEW, STORAGE_DENIED.

    """
    file = file or folder / FILE
    _check_kind(file)
    locks = [await anyio.to_thread.run_sync(_lock, folder / LOCK)]
    try:
        if file.parent != folder:
            locks.append(await anyio.to_thread.run_sync(_lock, file.with_name(f"{file.name}.{LOCK}")))
        is_new = await anyio.to_thread.run_sync(_prepare, file)
        # A URL made of parts: a folder's name may hold what means something in a text.
        url = URL.create("sqlite", database=str(file))
        writer = create_engine(url, pool_size=1, max_overflow=0)
        reader = create_engine(url, pool_size=READERS, max_overflow=0)
        for engine in (writer, reader):
            event.listen(engine, "connect", _on_connect)
        event.listen(writer, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        try:
            yield Database(writer=writer, reader=reader, is_new=is_new, committed=committed)
        finally:
            with anyio.CancelScope(shield=True):
                for engine in (writer, reader):
                    await anyio.to_thread.run_sync(engine.dispose)
    finally:
        for lock in locks:
            os.close(lock)


def _check_kind(file: Path) -> None:
    """Look at a file before anything is done to it, or beside it: a device's mode is everybody's."""
    if file.exists() and not file.is_file():
        raise FaultError(
            Code.STORAGE_DENIED,
            "the database is no regular file; it was left as it is",
            hint="Name a file in OVEN_DATABASE_URL.",
            detail=str(file),
        )


def _lock(file: Path) -> int:
    with translated("opening the data directory"):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise FaultError(
            Code.DATA_DIR_LOCKED,
            "another Oven is using this data directory, or this database",
            hint="Stop it first, or give this one its own OVEN_DATA_DIR and OVEN_DATABASE_URL.",
            detail=str(file),
        ) from error
    return lock


def _prepare(file: Path) -> bool:
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


def _migrate(file: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    url = URL.create("sqlite", database=str(file))
    config.attributes["url"] = url
    script = ScriptDirectory.from_config(config)
    if file.stat().st_size:
        _check(file)
        current = _revision(file)
        if current == script.get_current_head():
            _use_wal(file)
            return
        if current is None and _has_tables(file):
            raise FaultError(
                Code.STORE_CORRUPT,
                "the database is none of Oven's; it was left as it is",
                hint="Name another file in OVEN_DATABASE_URL, or move this one away.",
                detail=str(file),
            )
        if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
            raise FaultError(
                Code.STORE_TOO_NEW,
                f"the database was written by a newer Oven (its schema is {current})",
                hint="Start the newer Oven, or restore the copy that it made before it migrated.",
            )
        copy = file.with_name(f"{file.name}.before-{script.get_current_head()}")
        with translated("copying the database before its migration"):
            shutil.copy(file, copy)
    command.upgrade(config, "head")
    _use_wal(file)


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


def _on_connect(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # Transactions begin where we say so, not where the driver guesses.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        # A commit that was answered for survives a power cut.
        "synchronous = FULL",
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
