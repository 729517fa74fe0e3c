"""The outbox table: messages that wait to be taken, and what became of each try."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from oven.adapters.database.engine import Database
from oven.adapters.database.schema import deliveries, outbox
from oven.pipeline.messages import Delivery, Message, MessageState, Outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxTable(Outbox):
    """The `Outbox` port; all instants are the caller's, in milliseconds."""

    database: Database

    async def due(self, *, now_ms: int, limit: int, offset: int = 0) -> list[Message]:
        query = (
            select(outbox)
            .where(outbox.c.state == MessageState.PENDING, outbox.c.next_at <= now_ms)
            .order_by(outbox.c.next_at, outbox.c.id)
            .limit(limit)
            .offset(offset)
        )
        return [_message(row) for row in await self.database.all(query)]

    async def next_due_ms(self) -> int | None:
        query = select(func.min(outbox.c.next_at)).where(outbox.c.state == MessageState.PENDING)
        found: int | None = await self.database.scalar(query)
        return found

    async def tried(
        self,
        message: Message,
        *,
        status: int | None,
        error: str,
        took_ms: int,
        now_ms: int,
        state: MessageState,
        next_ms: int,
    ) -> None:
        delivery = {"outbox": message.id, "at": now_ms, "status": status, "error": error, "took_ms": took_ms}
        ended_at = None if state is MessageState.PENDING else now_ms
        change = (
            update(outbox)
            .where(outbox.c.id == message.id)
            .where(outbox.c.state == MessageState.PENDING, outbox.c.tries == message.tries)
            .values(state=state, next_at=next_ms, tries=outbox.c.tries + 1, ended_at=ended_at)
        )

        def write(connection: Connection) -> None:
            connection.execute(insert(deliveries).values(delivery))
            connection.execute(change)

        await self.database.write(write)

    async def replay(self, job_id: str, run: int, *, now_ms: int) -> int:
        change = (
            update(outbox)
            .where(outbox.c.job == job_id, outbox.c.run == run)
            .values(state=MessageState.PENDING, next_at=now_ms, tries=0, ended_at=None)
        )
        return await self.database.write(lambda connection: connection.execute(change).rowcount)

    async def of_jobs(self, job_ids: Collection[str]) -> list[Message]:
        query = select(outbox).where(outbox.c.job.in_(job_ids)).order_by(outbox.c.run)
        return [_message(row) for row in await self.database.all(query)]

    async def deliveries(self, job_id: str) -> list[Delivery]:
        query = (
            select(deliveries)
            .join(outbox, deliveries.c.outbox == outbox.c.id)
            .where(outbox.c.job == job_id)
            .order_by(deliveries.c.id)
        )
        return [
            Delivery(
                message_id=row.outbox, at_ms=row.at, status=row.status, error=row.error, took_ms=row.took_ms
            )
            for row in await self.database.all(query)
        ]


def _message(row: Any) -> Message:
    return Message(
        id=row.id,
        job_id=row.job,
        run=row.run,
        url=row.url,
        body=row.body,
        sealed_secret=row.sealed_secret,
        is_bearer=row.is_bearer,
        state=MessageState(row.state),
        tries=row.tries,
        next_ms=row.next_at,
    )
