"""The keys by which callers tell their own repeats, each for a day; within transactions of the caller's."""

from sqlalchemy import Connection, and_, delete, insert, select

from oven.adapters.database.schema import idempotency_keys as keys
from oven.domain.errors import Code, ReusedKeyError
from oven.domain.job import NewJob

# Long enough for any client's retries (draft-ietf-httpapi-idempotency-key-header leaves it to us).
KEPT_MS = 86_400_000


def job_of_key(connection: Connection, new: NewJob, *, now_ms: int) -> str | None:
    """Give the id of the job that a request's key has led to; None where it is new, or there is none.

    Raises:
        ReusedKeyError: IDEMPOTENCY_KEY_REUSED, the key came with another request.

    """
    if not new.key:
        return None
    connection.execute(delete(keys).where(keys.c.created_at <= now_ms - KEPT_MS))
    same = and_(keys.c.kind == new.kind, keys.c.owner == new.owner, keys.c.key == new.key)
    row = connection.execute(select(keys.c.identity, keys.c.job).where(same)).first()
    if row is None:
        return None
    if row.identity != new.identity:
        raise ReusedKeyError(
            Code.IDEMPOTENCY_KEY_REUSED,
            "this Idempotency-Key came with another request before",
            hint="Give each request a key of its own; a repeat has the key and the body of the first.",
        )
    return str(row.job)


def keep_key(connection: Connection, new: NewJob, job_id: str, *, now_ms: int) -> None:
    """Remember which job a request's key has led to."""
    if new.key:
        row = {"kind": new.kind, "owner": new.owner, "key": new.key, "identity": new.identity}
        connection.execute(insert(keys).values(**row, job=job_id, created_at=now_ms))
