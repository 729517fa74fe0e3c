"""Opening the database: locked, checked, migrated, with one writer."""

import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import anyio
from sqlalchemy import URL, Connection, Engine, Executable, Row, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from oven.adapters.database.file import check_kind, lock, prepare
from oven.domain.errors import Code, TransientError

FILE = "oven.db"
LOCK = "lock"
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
    check_kind(file)
    locks = [await anyio.to_thread.run_sync(lock, folder / LOCK)]
    try:
        if file.parent != folder:
            locks.append(await anyio.to_thread.run_sync(lock, file.with_name(f"{file.name}.{LOCK}")))
        is_new = await anyio.to_thread.run_sync(prepare, file)
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
        for held in locks:
            os.close(held)


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
    if isinstance(connection, sqlite3.Connection):
        # SQLite's own knows no letters but those of ASCII.
        connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()
