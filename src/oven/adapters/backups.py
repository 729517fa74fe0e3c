"""Copies of the database and its key, a folder each, whole or not there."""

import fcntl
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from oven.adapters.os_errors import translated
from oven.adapters.sealing import KEY_FILE, sealer_of
from oven.domain.errors import Code, FaultError, NotFoundError, OvenError, TransientError

# What a copy's database is called, wherever the original stands.
DATABASE_FILE = "oven.db"
MODE, FOLDER_MODE = 0o600, 0o700
NAMES = re.compile(r"oven-\d{8}T\d{9}Z")
# What is being made, or removed; none of it is of use to anybody once that has stopped.
PARTIAL = re.compile(rf"\.{NAMES.pattern}\.partial")
# How long the database may be locked by others.
BUSY_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A copy that was made: its folder, what is in it, and the older ones that went for it."""

    folder: Path
    size_bytes: int
    jobs: int
    removed: tuple[Path, ...]


def back_up(database: Path, key: Path, to: Path, *, keep: int, now: datetime) -> Backup:
    """Copy the database, as it is at one moment, and its key; a daemon may be using it, or none.

    Args:
        database: its file.
        key: the file of its key.
        to: where copies stand, each in a folder that is named by its moment; made when missing.
        keep: how many copies stay, this one among them; what others put there stays in any case.
        now: the moment.

    Raises:
        NotFoundError: NOT_FOUND, there is no database.
        FaultError: STORE_CORRUPT, STORAGE_DENIED.
        TransientError: DISK_FULL, STORE_UNAVAILABLE.

    """
    with translated("making a backup"):
        if not database.is_file() or not database.stat().st_size:
            raise NotFoundError(
                Code.NOT_FOUND,
                f"there is no database to copy: {database}",
                hint="Set OVEN_DATA_DIR, and OVEN_DATABASE_URL if it is set, as they are for the daemon.",
            )
        owner = database.stat()
        with suppress(FileExistsError):
            to.mkdir(mode=FOLDER_MODE, parents=True)
            _give(to, owner)
        with _alone_in(to):
            _remove_partial(to)
            stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%S%f")[:-3]
            folder = to / f"oven-{stamp}Z"
            partial = _partial(folder)
            partial.mkdir(mode=FOLDER_MODE)
            try:
                jobs = _fill(partial, database, key)
                for path in (partial, *partial.iterdir()):
                    _give(path, owner)
                    _sync(path)
                partial.rename(folder)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
            _sync(to)
            size = sum(path.stat().st_size for path in folder.iterdir())
            removed = tuple(_remove_old(to, keep, folder))
    return Backup(folder=folder, size_bytes=size, jobs=jobs, removed=removed)


def _fill(folder: Path, database: Path, key: Path) -> int:
    """Write both files, and prove them → how many jobs are in the copy."""
    try:
        content = key.read_bytes()
    except FileNotFoundError as error:
        raise FaultError(
            Code.STORE_CORRUPT,
            f"{KEY_FILE} has gone from the data directory: a copy without it opens no stored secret",
            hint="Restore it from an older backup, of which none was removed.",
            detail=str(key),
        ) from error
    sealer_of(content, key)
    target = folder / DATABASE_FILE
    for path, data in ((folder / KEY_FILE, content), (target, b"")):
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, MODE), "wb") as opened:
            opened.write(data)
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=rw", uri=True)) as source:
            source.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000:.0f}")
            source.execute("VACUUM INTO ?", (str(target),))
        with closing(sqlite3.connect(f"{target.as_uri()}?immutable=1", uri=True)) as copy:
            found = [row[0] for row in copy.execute("PRAGMA integrity_check")]
            if found != ["ok"]:
                raise _damaged("; ".join(map(str, found)))
            return int(copy.execute("SELECT count(*) FROM jobs").fetchone()[0])
    except sqlite3.Error as error:
        raise _understood(error) from error


def _understood(error: sqlite3.Error) -> OvenError:
    """Say in our words why SQLite did not make the copy."""
    # The lowest byte is the kind; above it stands what exactly.
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_FULL:
            return TransientError(
                Code.DISK_FULL,
                "the disk is full while making a backup",
                hint="Free some space, or name another folder with --to.",
                detail=str(error),
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return TransientError(
                Code.STORE_UNAVAILABLE,
                "the database does not answer",
                hint="Something else holds it locked; try again.",
                detail=str(error),
            )
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return _damaged(str(error))
        case _:
            return FaultError(
                Code.STORAGE_DENIED,
                f"the database cannot be copied: {error}",
                hint="Check that it is Oven's, its owner and its mode, and those of the backups' folder.",
            )


def _damaged(detail: str) -> FaultError:
    return FaultError(
        Code.STORE_CORRUPT,
        "the database is damaged: no copy was made of it, and no older one removed",
        hint="Restore a backup; docs/operating.md says how.",
        detail=detail,
    )


def _remove_old(to: Path, keep: int, newest: Path) -> Iterator[Path]:
    """Remove the oldest copies, but no folder in which others have put something → those that went."""
    older = sorted(path for path in to.iterdir() if NAMES.fullmatch(path.name) and path != newest)
    for path in older[: max(0, len(older) - (keep - 1))]:
        if path.is_symlink() or {each.name for each in path.iterdir()} != {DATABASE_FILE, KEY_FILE}:
            continue
        shutil.rmtree(path.rename(_partial(path)))
        yield path


def _remove_partial(to: Path) -> None:
    """Remove what a process that was killed has left; no other one is at work here."""
    for path in to.iterdir():
        if PARTIAL.fullmatch(path.name):
            shutil.rmtree(path)


def _partial(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.partial")


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait until nobody else makes a backup there."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _give(path: Path, owner: os.stat_result) -> None:
    """Give what root has made to the user whose database it is, who shall restore and remove it."""
    if os.geteuid() == 0:
        os.chown(path, owner.st_uid, owner.st_gid)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
