"""The job table."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, Select, and_, exists, func, or_, select

from oven.adapters.database import transitions
from oven.adapters.database.charges import count_of_day
from oven.adapters.database.engine import Database
from oven.adapters.database.rows import read_record
from oven.adapters.database.schema import counters, jobs, outbox
from oven.domain.errors import OvenError
from oven.domain.job import WAITING, Accepted, JobRecord, JobState, NewJob
from oven.pipeline.jobs import Jobs
from oven.pipeline.messages import MessageState
from oven.recipes.plan import Artifact, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTable(Jobs):
    """The `Jobs` port; all instants are the caller's, in milliseconds."""

    database: Database

    async def submit(self, new: NewJob, *, now_ms: int, queue_limit: int) -> Accepted:
        return await self.database.write(transitions.submit, new, now_ms=now_ms, queue_limit=queue_limit)

    async def submit_all(self, news: Sequence[NewJob], *, now_ms: int, queue_limit: int) -> list[Accepted]:
        return await self.database.write(transitions.submit_all, news, now_ms=now_ms, queue_limit=queue_limit)

    async def charged(self, kind: str, *, owner: str, now_ms: int) -> int:
        return int(await self.database.scalar(count_of_day(kind, owner, now_ms=now_ms)))

    async def get(self, job_id: str, *, owner: str | None = None) -> JobRecord | None:
        query = select(jobs).where(jobs.c.id == job_id)
        row = await self.database.first(query if owner is None else query.where(jobs.c.owner == owner))
        return None if row is None else read_record(row)

    async def page(
        self,
        *,
        owner: str | None = None,
        states: Collection[JobState] = (),
        kind: str = "",
        callbacks: Collection[MessageState] = (),
        output: str = "",
        before: tuple[int, str] | None = None,
        limit: int,
    ) -> list[JobRecord]:
        query = select(jobs).order_by(jobs.c.created_at.desc(), jobs.c.id.desc()).limit(limit)
        if owner is not None:
            query = query.where(jobs.c.owner == owner)
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
        return await self._records(query)

    async def changed(self, *, after: int, limit: int) -> list[JobRecord]:
        return await self._records(select(jobs).where(jobs.c.seq > after).order_by(jobs.c.seq).limit(limit))

    async def waiting(self) -> list[JobRecord]:
        return await self._records(select(jobs).where(jobs.c.state.in_(WAITING)).order_by(jobs.c.accepted))

    async def latest_seq(self) -> int:
        return int(await self.database.scalar(select(counters.c.value)))

    async def counts(self, *, kinds: Collection[str] | None = None) -> dict[JobState, int]:
        query = select(jobs.c.state, func.count().label("found")).group_by(jobs.c.state)
        if kinds is not None:
            query = query.where(jobs.c.kind.in_(kinds))
        return {JobState(row.state): row.found for row in await self.database.all(query)}

    async def claim(
        self,
        token: str,
        *,
        now_ms: int,
        lease_ms: int,
        kinds: Collection[str] | None = None,
        skip: Collection[str] = (),
    ) -> JobRecord | None:
        return await self.database.write(
            transitions.claim, token, now_ms=now_ms, lease_ms=lease_ms, kinds=kinds, skip=skip
        )

    async def next_available_ms(self, *, after_ms: int = -1) -> int | None:
        is_coming = and_(jobs.c.state.in_(WAITING), jobs.c.available_at > after_ms)
        found: int | None = await self.database.scalar(select(func.min(jobs.c.available_at)).where(is_coming))
        return found

    async def beat(
        self, job_id: str, token: str, *, lease_until_ms: int, progress: float, phase: str
    ) -> bool:
        return await self.database.write(
            transitions.beat, job_id, token, lease_until_ms=lease_until_ms, progress=progress, phase=phase
        )

    async def begin_publishing(self, job_id: str, token: str, artifact: Artifact) -> bool:
        return await self.database.write(transitions.begin_publishing, job_id, token, artifact)

    async def finish(self, job_id: str, token: str, outcome: Outcome, *, now_ms: int) -> JobRecord | None:
        return await self.database.write(transitions.finish, job_id, token, outcome, now_ms=now_ms)

    async def end(self, job_id: str, outcome: Outcome, *, now_ms: int) -> JobRecord | None:
        return await self.database.write(transitions.end, job_id, outcome, now_ms=now_ms)

    async def retry_later(
        self, job_id: str, token: str, error: OvenError, *, available_ms: int, now_ms: int
    ) -> JobRecord | None:
        return await self.database.write(
            transitions.retry_later, job_id, token, error, available_ms=available_ms, now_ms=now_ms
        )

    async def hand_back(self, job_id: str, token: str, *, now_ms: int) -> JobRecord | None:
        return await self.database.write(transitions.hand_back, job_id, token, now_ms=now_ms)

    async def expired(self, *, now_ms: int) -> list[JobRecord]:
        is_late = and_(jobs.c.state == JobState.RUNNING, jobs.c.lease_until <= now_ms)
        return await self._records(select(jobs).where(is_late))

    async def crash(self, job_id: str, token: str, *, now_ms: int) -> JobRecord | None:
        return await self.database.write(transitions.crash, job_id, token, now_ms=now_ms)

    async def rerun(
        self, job_id: str, *, now_ms: int, queue_limit: int, per_day: int | None = None
    ) -> JobRecord | None:
        return await self.database.write(
            transitions.rerun, job_id, now_ms=now_ms, queue_limit=queue_limit, per_day=per_day
        )

    async def _records(self, query: Select[Row[object]]) -> list[JobRecord]:
        return [read_record(row) for row in await self.database.all(query)]
