"""What a database says of itself, without a change to it."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from oven.adapters.database.file import check_kind, known_schemas, none_of_ours, too_new
from oven.adapters.os_errors import translated
from oven.domain.errors import Code, FaultError


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A database's schema, and whether it is this release's; its size with what is in the log beside it."""

    schema: str
    is_current: bool
    size_bytes: int


def survey(file: Path) -> Survey | None:
    """Look at a database, which a daemon may be using; None where there is none, or an empty file.

    Raises:
        FaultError: STORE_TOO_NEW, STORE_CORRUPT, STORAGE_DENIED.

    """
    with translated("looking at the database"):
        check_kind(file)
        if not file.exists() or not file.stat().st_size:
            return None
        log = file.with_name(f"{file.name}-wal")
        # SQLite would make files beside one that nobody has open, and leave them there.
        how = "mode=ro" if log.exists() else "immutable=1"
        size_bytes = file.stat().st_size + (log.stat().st_size if log.exists() else 0)
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?{how}", uri=True)) as connection:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        if "no such table" in str(error):
            raise none_of_ours(file) from error
        damaged = getattr(error, "sqlite_errorcode", 0) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
        raise FaultError(
            Code.STORE_CORRUPT if damaged else Code.STORAGE_DENIED,
            f"the database cannot be read: {error}",
            hint="Check its owner and its mode; restore a backup where it is damaged.",
            detail=str(file),
        ) from error
    known = known_schemas()
    if found is None:
        raise none_of_ours(file)
    if found[0] not in known:
        raise too_new(found[0])
    return Survey(schema=found[0], is_current=found[0] == known[0], size_bytes=size_bytes)
