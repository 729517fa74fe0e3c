"""The attempts table: what each claim of a job came to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select, update

from oven.adapters.database.engine import Database
from oven.adapters.database.rows import to_json
from oven.adapters.database.schema import attempts, jobs
from oven.domain.errors import OvenError
from oven.domain.job import JobRecord, JobState
from oven.pipeline.attempts import AttemptEnd, AttemptRecord, Attempts, Steps
from oven.pipeline.trace import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptTable(Attempts):
    """The `Attempts` port."""

    database: Database

    async def note(self, token: str, trace: Trace) -> None:
        values = {"steps": to_json(trace.steps_json()), "log": trace.log}
        noted = update(attempts).where(attempts.c.token == token).values(values)
        await self.database.write(lambda connection: connection.execute(noted).close())

    async def of_job(self, job_id: str) -> list[AttemptRecord]:
        query = select(attempts).where(attempts.c.job == job_id).order_by(attempts.c.began_at)
        return [_attempt(row) for row in await self.database.all(query)]

    async def latest_done(self, kind: str, *, limit: int) -> list[tuple[Steps, Mapping[str, Any]]]:
        query = (
            select(attempts.c.steps, jobs.c.result)
            .join(jobs, attempts.c.job == jobs.c.id)
            .where(attempts.c.ended_as == AttemptEnd.DONE, attempts.c.run == jobs.c.run)
            .where(jobs.c.kind == kind, jobs.c.state == JobState.DONE)
            .order_by(jobs.c.accepted.desc())
            .limit(limit)
        )
        rows = await self.database.all(query)
        return [(orjson.loads(row.steps), orjson.loads(row.result or "{}")) for row in reversed(rows)]


def begin_attempt(connection: Connection, record: JobRecord, now_ms: int) -> None:
    """Write down that a job was claimed, in the claim's transaction."""
    values = {
        "token": record.token,
        "job": record.id,
        "run": record.run,
        "attempt": record.attempt,
        "began_at": now_ms,
        "ended_as": "",
        "steps": "[]",
        "log": "",
    }
    connection.execute(insert(attempts).values(values))


def end_attempt(
    connection: Connection,
    record: JobRecord | None,
    ended_as: AttemptEnd,
    now_ms: int,
    error: OvenError | None = None,
) -> None:
    """Write down how a job's latest attempt ended; nothing where none was under way, or nothing changed."""
    if record is None:
        return
    told = None if error is None else to_json({**error.as_json(), "detail": error.detail})
    under_way = update(attempts).where(attempts.c.job == record.id, attempts.c.ended_at.is_(None))
    connection.execute(under_way.values(ended_at=now_ms, ended_as=ended_as, error=told))


def _attempt(row: Any) -> AttemptRecord:
    return AttemptRecord(
        token=row.token,
        job_id=row.job,
        run=row.run,
        attempt=row.attempt,
        began_ms=row.began_at,
        ended_ms=row.ended_at,
        ended_as=AttemptEnd(row.ended_as) if row.ended_as else None,
        error=None if row.error is None else orjson.loads(row.error),
        steps=orjson.loads(row.steps),
        log=row.log,
    )
