"""What stands in the tables, in numbers."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from oven.adapters.database.engine import Database
from oven.adapters.database.schema import artifacts, jobs, outbox
from oven.domain.job import ACTIVE, JobState
from oven.pipeline.jobs import FigureReader, Figures
from oven.pipeline.messages import MessageState

UNDELIVERED = (MessageState.PENDING, MessageState.PARKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresTable(FigureReader):
    """The `FigureReader` port."""

    database: Database

    async def read(self) -> Figures:
        # What runs is as old as its run, what waits as old as its acceptance.
        since = func.min(func.coalesce(jobs.c.started_at, jobs.c.created_at)).label("since")
        count = func.count().label("found")
        states = await self.database.all(
            select(jobs.c.state, count, since).where(jobs.c.state.in_(ACTIVE)).group_by(jobs.c.state)
        )
        messages = await self.database.all(
            select(outbox.c.state, count, func.min(outbox.c.created_at).label("since"))
            .where(outbox.c.state.in_(UNDELIVERED))
            .group_by(outbox.c.state)
        )
        oldest = {row.state: row.since for row in (*states, *messages)}
        counts = {row.state: row.found for row in (*states, *messages)}
        waiting = [oldest[state] for state in (JobState.QUEUED, JobState.RETRYING) if state in oldest]
        return Figures(
            jobs={state: counts.get(state, 0) for state in ACTIVE},
            oldest_waiting_ms=min(waiting, default=None),
            oldest_running_ms=oldest.get(JobState.RUNNING),
            callbacks_pending=counts.get(MessageState.PENDING, 0),
            oldest_callback_ms=oldest.get(MessageState.PENDING),
            callbacks_parked=counts.get(MessageState.PARKED, 0),
            stored_bytes=await self.database.scalar(_stored_bytes()),
        )


def _stored_bytes() -> Select[Any]:
    """Add up what objects hold: where several runs made one object, what the latest has made of it."""
    age = func.row_number().over(
        partition_by=(artifacts.c.bucket, artifacts.c.key),
        order_by=(jobs.c.accepted.desc(), artifacts.c.run.desc()),
    )
    made = select(artifacts.c.size, age.label("age")).join(jobs, artifacts.c.job == jobs.c.id).subquery()
    return select(func.coalesce(func.sum(made.c.size), 0)).where(made.c.age == 1)
