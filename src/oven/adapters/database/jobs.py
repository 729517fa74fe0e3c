"""The job table: every change of a job's life, each one transaction."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from oven.adapters.database.attempts import begin_attempt, end_attempt
from oven.adapters.database.engine import Database
from oven.adapters.database.rows import artifact_values, message_values, read_record, to_json, write_artifact
from oven.adapters.database.schema import counters, jobs, outbox
from oven.domain.errors import Code, ConflictError, OvenError, TransientError
from oven.domain.job import ACTIVE, FINAL, JobRecord, JobState, NewJob
from oven.pipeline.stores import AttemptEnd, Jobs, MessageState
from oven.recipes.plan import Artifact, Outcome

WAITING = (JobState.QUEUED, JobState.RETRYING)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTable(Jobs):
    """The `Jobs` port; all instants are the caller's, in milliseconds."""

    database: Database

    async def submit(self, new: NewJob, *, now_ms: int, queue_limit: int) -> tuple[JobRecord, bool]:
        async with self.database.write() as connection:
            same = and_(jobs.c.identity == new.identity, jobs.c.state.in_(ACTIVE))
            if found := (await connection.execute(select(jobs).where(same))).first():
                return read_record(found), False
            await _admit(connection, queue_limit)
            number = await _count(connection)
            values = {
                "id": new.id,
                "kind": new.kind,
                "owner": new.owner,
                "state": JobState.QUEUED,
                "run": 1,
                "attempt": 0,
                "crashes": 0,
                "token": "",
                "lease_until": 0,
                "available_at": now_ms,
                "accepted": number,
                "seq": number,
                "identity": new.identity,
                "output_key": new.output_key,
                "request": to_json(new.request),
                "callback": None if new.callback is None else to_json(asdict(new.callback)),
                "is_publishing": False,
                "progress": 0.0,
                "phase": "",
                "created_at": now_ms,
            }
            row = (await connection.execute(insert(jobs).values(values).returning(jobs))).one()
            return read_record(row), True

    async def get(self, job_id: str) -> JobRecord | None:
        async with self.database.read() as connection:
            row = (await connection.execute(select(jobs).where(jobs.c.id == job_id))).first()
        return None if row is None else read_record(row)

    async def page(
        self,
        *,
        states: Collection[JobState] = (),
        kind: str = "",
        callbacks: Collection[MessageState] = (),
        output: str = "",
        before: tuple[int, str] | None = None,
        limit: int,
    ) -> list[JobRecord]:
        query = select(jobs).order_by(jobs.c.created_at.desc(), jobs.c.id.desc()).limit(limit)
        if states:
            query = query.where(jobs.c.state.in_(states))
        if kind:
            query = query.where(jobs.c.kind == kind)
        if callbacks:
            query = query.where(exists().where(outbox.c.job == jobs.c.id, outbox.c.state.in_(callbacks)))
        if output:
            query = query.where(jobs.c.output_key.endswith(f"/{output.removeprefix('/')}", autoescape=True))
        if before is not None:
            created_ms, job_id = before
            earlier = and_(jobs.c.created_at == created_ms, jobs.c.id < job_id)
            query = query.where(or_(jobs.c.created_at < created_ms, earlier))
        async with self.database.read() as connection:
            return [read_record(row) for row in await connection.execute(query)]

    async def changed(self, *, after: int, limit: int) -> list[JobRecord]:
        query = select(jobs).where(jobs.c.seq > after).order_by(jobs.c.seq).limit(limit)
        async with self.database.read() as connection:
            return [read_record(row) for row in await connection.execute(query)]

    async def latest_seq(self) -> int:
        async with self.database.read() as connection:
            return int((await connection.execute(select(counters.c.value))).scalar_one())

    async def counts(self) -> dict[JobState, int]:
        query = select(jobs.c.state, func.count()).group_by(jobs.c.state)
        async with self.database.read() as connection:
            return {JobState(state): count for state, count in await connection.execute(query)}

    async def claim(
        self, token: str, *, now_ms: int, lease_ms: int, skip: Collection[str] = ()
    ) -> JobRecord | None:
        other = jobs.alias()
        goes_first = exists().where(
            other.c.output_key == jobs.c.output_key,
            other.c.id != jobs.c.id,
            other.c.state.in_(ACTIVE),
            or_(other.c.state == JobState.RUNNING, other.c.accepted < jobs.c.accepted),
        )
        next_id = (
            select(jobs.c.id)
            .where(jobs.c.state.in_(WAITING), jobs.c.available_at <= now_ms)
            .where(or_(jobs.c.output_key == "", ~goes_first), jobs.c.id.not_in(skip))
            .order_by(jobs.c.accepted)
            .limit(1)
        )
        async with self.database.write() as connection:
            job_id = (await connection.execute(next_id)).scalar()
            if job_id is None:
                return None
            record = await self._change(
                connection,
                jobs.c.id == job_id,
                state=JobState.RUNNING,
                token=token,
                attempt=jobs.c.attempt + 1,
                lease_until=now_ms + lease_ms,
                started_at=func.coalesce(jobs.c.started_at, now_ms),
                progress=0.0,
                phase="",
            )
            if record is not None:
                await begin_attempt(connection, record, now_ms)
            return record

    async def next_available_ms(self) -> int | None:
        query = select(func.min(jobs.c.available_at)).where(jobs.c.state.in_(WAITING))
        async with self.database.read() as connection:
            found: int | None = (await connection.execute(query)).scalar()
        return found

    async def beat(
        self, job_id: str, token: str, *, lease_until_ms: int, progress: float, phase: str
    ) -> bool:
        async with self.database.write() as connection:
            changed = await self._change(
                connection, _held(job_id, token), lease_until=lease_until_ms, progress=progress, phase=phase
            )
        return changed is not None

    async def finish(self, job_id: str, token: str, outcome: Outcome, *, now_ms: int) -> JobRecord | None:
        return await self._end(_held(job_id, token), outcome, now_ms)

    async def end(self, job_id: str, outcome: Outcome, *, now_ms: int) -> JobRecord | None:
        is_open = and_(jobs.c.id == job_id, jobs.c.state.in_(ACTIVE), ~jobs.c.is_publishing)
        return await self._end(is_open, outcome, now_ms)

    async def begin_publishing(self, job_id: str, token: str, artifact: Artifact) -> bool:
        async with self.database.write() as connection:
            record = await self._change(connection, _held(job_id, token), is_publishing=True)
            if record is not None:
                await write_artifact(connection, artifact_values(record, artifact))
            return record is not None

    async def retry_later(
        self, job_id: str, token: str, error: OvenError, *, available_ms: int, now_ms: int
    ) -> JobRecord | None:
        async with self.database.write() as connection:
            record = await self._change(
                connection,
                _held(job_id, token),
                state=JobState.RETRYING,
                token="",
                available_at=available_ms,
                error=to_json(error.as_json()),
            )
            await end_attempt(connection, record, AttemptEnd.RETRYING, now_ms, error)
            return record

    async def hand_back(self, job_id: str, token: str, *, now_ms: int) -> JobRecord | None:
        async with self.database.write() as connection:
            record = await self._change(
                connection, _held(job_id, token), state=JobState.QUEUED, token="", attempt=jobs.c.attempt - 1
            )
            await end_attempt(connection, record, AttemptEnd.HANDED_BACK, now_ms)
            return record

    async def expired(self, *, now_ms: int) -> list[JobRecord]:
        query = select(jobs).where(jobs.c.state == JobState.RUNNING, jobs.c.lease_until <= now_ms)
        async with self.database.read() as connection:
            return [read_record(row) for row in await connection.execute(query)]

    async def crash(self, job_id: str, token: str, *, now_ms: int) -> JobRecord | None:
        async with self.database.write() as connection:
            record = await self._change(
                connection, _held(job_id, token), state=JobState.QUEUED, token="", crashes=jobs.c.crashes + 1
            )
            await end_attempt(connection, record, AttemptEnd.CRASHED, now_ms)
            return record

    async def rerun(self, job_id: str, *, now_ms: int, queue_limit: int) -> JobRecord | None:
        async with self.database.write() as connection:
            final = and_(jobs.c.id == job_id, jobs.c.state.in_(FINAL))
            identity = (await connection.execute(select(jobs.c.identity).where(final))).scalar()
            if identity is None:
                return None
            same = and_(jobs.c.identity == identity, jobs.c.state.in_(ACTIVE))
            if (await connection.execute(select(jobs.c.id).where(same))).first():
                raise ConflictError(Code.JOB_CONFLICT, "another job that asks for the same is active")
            await _admit(connection, queue_limit)
            return await self._change(
                connection,
                final,
                state=JobState.QUEUED,
                run=jobs.c.run + 1,
                attempt=0,
                crashes=0,
                available_at=now_ms,
                accepted=await _count(connection),
                progress=0.0,
                phase="",
                started_at=None,
                finished_at=None,
                result=None,
                error=None,
            )

    async def _end(self, where: ColumnElement[bool], outcome: Outcome, now_ms: int) -> JobRecord | None:
        async with self.database.write() as connection:
            record = await self._change(
                connection,
                where,
                state=outcome.state,
                token="",
                finished_at=now_ms,
                result=None if outcome.result is None else to_json(outcome.result),
                error=None if outcome.error is None else to_json(outcome.error.as_json()),
                **({"progress": 1.0} if outcome.state is JobState.DONE else {}),
            )
            if record is None:
                return None
            await end_attempt(connection, record, AttemptEnd(outcome.state), now_ms, outcome.error)
            for artifact in outcome.artifacts:
                await write_artifact(connection, artifact_values(record, artifact))
            earlier = update(outbox).where(outbox.c.job == record.id, outbox.c.state == MessageState.PENDING)
            await connection.execute(earlier.values(state=MessageState.SUPERSEDED, ended_at=now_ms))
            if record.callback is not None and outcome.callback is not None:
                await connection.execute(
                    insert(outbox).values(message_values(record, outcome.callback, now_ms))
                )
            return record

    async def _change(
        self, connection: AsyncConnection, where: ColumnElement[bool], **values: Any
    ) -> JobRecord | None:
        values["seq"] = await _count(connection)
        if "state" in values:
            values["is_publishing"] = False
        row = (await connection.execute(update(jobs).where(where).values(values).returning(jobs))).first()
        return None if row is None else read_record(row)


def _held(job_id: str, token: str) -> ColumnElement[bool]:
    """Fence: only the attempt that holds the token may write."""
    return and_(jobs.c.id == job_id, jobs.c.token == token, jobs.c.state == JobState.RUNNING)


async def _admit(connection: AsyncConnection, queue_limit: int) -> None:
    waiting = select(func.count()).select_from(jobs).where(jobs.c.state.in_(WAITING))
    if (await connection.execute(waiting)).scalar_one() >= queue_limit:
        raise TransientError(
            Code.QUEUE_FULL,
            f"{queue_limit} jobs are waiting already",
            hint="Send it again later, after the seconds in Retry-After.",
        )


async def _count(connection: AsyncConnection) -> int:
    """Give the next number; the caller's transaction is the only one that writes."""
    raised = update(counters).where(counters.c.name == "seq").values(value=counters.c.value + 1)
    return int((await connection.execute(raised.returning(counters.c.value))).scalar_one())
