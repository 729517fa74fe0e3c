"""What users have begun of what is counted; within transactions of the caller's."""

from sqlalchemy import Connection, Select, delete, func, insert, select

from oven.adapters.database.schema import charges
from oven.domain.job import JobRecord
from oven.domain.quota import DAY_MS, QuotaError, day_start_ms, quota_of


def count_of_day(kind: str, owner: str, *, now_ms: int) -> Select[int]:
    """Count what an owner has begun of a kind on the day of an instant."""
    began_ms = day_start_ms(now_ms)
    return (
        select(func.count())
        .select_from(charges)
        .where(charges.c.owner == owner, charges.c.kind == kind)
        .where(charges.c.at >= began_ms, charges.c.at < began_ms + DAY_MS)
    )


def check_quota(connection: Connection, kind: str, owner: str, per_day: int | None, *, now_ms: int) -> None:
    """Look whether an owner may begin one more.

    Raises:
        QuotaError: RATE_LIMITED.

    """
    if per_day is None:
        return
    used = connection.execute(count_of_day(kind, owner, now_ms=now_ms)).scalar_one()
    if used >= per_day:
        raise QuotaError(kind, quota_of(per_day, used, now_ms=now_ms), now_ms=now_ms)


def charge(connection: Connection, record: JobRecord, per_day: int | None, *, now_ms: int) -> None:
    """Count a run that is accepted, where its kind is counted."""
    if per_day is not None:
        row = {"job": record.id, "run": record.run, "owner": record.owner, "kind": record.kind, "at": now_ms}
        connection.execute(insert(charges).values(row))


def give_back(connection: Connection, record: JobRecord) -> None:
    """Count a run no more."""
    connection.execute(delete(charges).where(charges.c.job == record.id, charges.c.run == record.run))
