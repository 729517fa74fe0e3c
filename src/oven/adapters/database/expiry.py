"""Jobs that ended long ago, and what only they have made."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, or_, select, tuple_

from oven.adapters.database.assets import IS_OF_JOB
from oven.adapters.database.engine import Database
from oven.adapters.database.schema import artifacts, jobs, outbox
from oven.domain.job import ACTIVE, FINAL, JobState
from oven.pipeline.jobs import ExpiredJobs, LastObject
from oven.pipeline.messages import MessageState
from oven.recipes import export, short
from oven.recipes.steps import Target

# Of exports so many that failed are kept for who looks for the reason.
FAILURES_KEPT = 500
IS_EXPORT = jobs.c.kind == export.RECIPE.kind
# Kinds whose results are private: their addresses are given by their jobs alone.
HAS_RESULTS = jobs.c.kind.in_((export.RECIPE.kind, short.RECIPE.kind))
OBJECT = tuple_(artifacts.c.bucket, artifacts.c.key)
IS_UNREACHED = jobs.c.state.in_((JobState.FAILED, JobState.CANCELLED))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredJobTable(ExpiredJobs):
    """The `ExpiredJobs` port; rows of other tables go with their job's."""

    database: Database

    async def expired(self, *, before_ms: int, limit: int, skip: Collection[str] = ()) -> list[str]:
        is_wanted = and_(_is_over(before_ms), jobs.c.id.not_in(skip))
        query = select(jobs.c.id).where(is_wanted).order_by(jobs.c.finished_at).limit(limit)
        return [row.id for row in await self.database.all(query)]

    async def last_objects(self, job_id: str) -> list[LastObject]:
        other = artifacts.alias()
        is_others = exists().where(
            other.c.bucket == artifacts.c.bucket, other.c.key == artifacts.c.key, other.c.job != job_id
        )
        is_assets = exists().where(IS_OF_JOB, jobs.c.id == job_id)
        query = (
            select(artifacts.c.bucket, artifacts.c.key, HAS_RESULTS.label("is_result"))
            .join(jobs, jobs.c.id == artifacts.c.job)
            .distinct()
            # What a user keeps here outlasts the job that brought it.
            .where(artifacts.c.job == job_id, ~is_others, ~is_assets)
        )
        return [
            LastObject(Target(row.bucket, row.key), bool(row.is_result))
            for row in await self.database.all(query)
        ]

    async def half_made(self, *, before_ms: int, limit: int, skip: Collection[str] = ()) -> list[str]:
        has_stored = exists().where(artifacts.c.job == jobs.c.id)
        is_wanted = and_(jobs.c.finished_at < before_ms, jobs.c.id.not_in(skip), has_stored)
        query = select(jobs.c.id).where(HAS_RESULTS, IS_UNREACHED, is_wanted).limit(limit)
        return [row.id for row in await self.database.all(query)]

    async def is_unreached(self, job_id: str) -> bool:
        found = await self.database.first(select(jobs.c.id).where(jobs.c.id == job_id, IS_UNREACHED))
        return found is not None

    async def expired_objects(
        self, *, now_ms: int, limit: int, skip: Collection[Target] = ()
    ) -> list[Target]:
        is_wanted = OBJECT.not_in([tuple(target) for target in skip])
        found = await self.database.all(_over(now_ms).where(is_wanted).limit(limit))
        # Once each, although several runs may have made it.
        return list(dict.fromkeys(Target(row.bucket, row.key) for row in found))

    async def is_expired(self, target: Target, *, now_ms: int) -> bool:
        query = _over(now_ms).where(*_is_of(target))
        return await self.database.first(query) is not None

    async def drop(self, target: Target, *, now_ms: int) -> None:
        gone = delete(artifacts).where(*_is_of(target), artifacts.c.expires_at <= now_ms)
        await self.database.write(lambda connection: connection.execute(gone))

    async def disown(self, job_id: str) -> None:
        is_still = exists().where(jobs.c.id == job_id, IS_UNREACHED)
        gone = delete(artifacts).where(artifacts.c.job == job_id, is_still)
        await self.database.write(lambda connection: connection.execute(gone))

    async def is_abandoned(self, target: Target) -> bool:
        is_output = jobs.c.output_key == f"{target.bucket}/{target.key}"
        # An export makes more than it is named for, in a folder of its own.
        is_beside = and_(IS_EXPORT, jobs.c.id.in_(target.key.split("/")))
        states = await self.database.all(select(jobs.c.state).where(or_(is_output, is_beside)))
        return bool(states) and not any(row.state in ACTIVE for row in states)

    async def forget(self, job_id: str, *, before_ms: int) -> bool:
        gone = delete(jobs).where(jobs.c.id == job_id, _is_over(before_ms))
        return await self.database.write(lambda connection: connection.execute(gone).rowcount > 0)


def _is_over(before_ms: int) -> ColumnElement[bool]:
    """Tell jobs that ended before an instant, are not remade, and of which nobody is still to be told."""
    untold = or_(
        outbox.c.state == MessageState.PENDING,
        and_(outbox.c.state != MessageState.DELIVERED, outbox.c.ended_at >= before_ms),
    )
    kept = exists().where(outbox.c.job == jobs.c.id, untold)
    # What is being made again may fail, and then the object is still this job's.
    maker = jobs.alias()
    is_remade = exists().where(maker.c.output_key == jobs.c.output_key, maker.c.state.in_(ACTIVE))
    failed = jobs.alias()
    lately = (
        select(failed.c.id)
        .where(failed.c.kind == export.RECIPE.kind, failed.c.state == JobState.FAILED)
        .order_by(failed.c.finished_at.desc(), failed.c.id.desc())
        .limit(FAILURES_KEPT)
    )
    is_kept = and_(IS_EXPORT, jobs.c.state == JobState.FAILED, jobs.c.id.in_(lately))
    return and_(jobs.c.state.in_(FINAL), jobs.c.finished_at < before_ms, ~kept, ~is_remade, ~is_kept)


def _is_of(target: Target) -> tuple[ColumnElement[bool], ...]:
    return artifacts.c.bucket == target.bucket, artifacts.c.key == target.key


def _over(now_ms: int) -> Select[Any]:
    """Tell objects whose time is over.

    Not those that are being made again, nor those that another run has made since, whose time is its own:
    what an earlier run of a job knew of an object does not matter once a later one has made it.
    """
    other, maker = artifacts.alias(), jobs.alias()
    is_earlier = and_(other.c.job == jobs.c.id, other.c.run < jobs.c.run)
    lasts = or_(other.c.expires_at.is_(None), other.c.expires_at > now_ms)
    is_had = exists().where(
        other.c.bucket == artifacts.c.bucket, other.c.key == artifacts.c.key, lasts, ~is_earlier
    )
    is_remade = exists().where(
        maker.c.output_key == artifacts.c.bucket + "/" + artifacts.c.key, maker.c.state.in_(ACTIVE)
    )
    return (
        select(artifacts.c.bucket, artifacts.c.key)
        .join(jobs, jobs.c.id == artifacts.c.job)
        .where(artifacts.c.expires_at <= now_ms, ~jobs.c.state.in_(ACTIVE), ~is_had, ~is_remade)
    )
