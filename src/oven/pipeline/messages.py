"""What the pipeline asks of the outbox: the messages that tell of jobs' ends."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class MessageState(StrEnum):
    """Where a message stands; only the first is tried again by itself.

    A message that a later run's has made untrue is superseded: it must not arrive after that one.
    """

    PENDING = "pending"
    DELIVERED = "delivered"
    GONE = "gone"
    PARKED = "parked"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A callback to send; `id` is its webhook-id, the same however often it is sent."""

    id: str
    job_id: str
    run: int
    url: str
    body: bytes
    sealed_secret: str
    is_bearer: bool
    state: MessageState
    tries: int
    next_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One try to deliver a message: the answer's status, or why there was none."""

    message_id: str
    at_ms: int
    status: int | None
    error: str
    took_ms: int


class Outbox(Protocol):
    """The messages that tell of jobs' ends; made by `Jobs` in the transaction that ends a run."""

    async def due(self, *, now_ms: int, limit: int, offset: int = 0) -> list[Message]:
        """List messages whose time has come, the longest due first."""
        ...

    async def next_due_ms(self) -> int | None:
        """When the next pending message is due."""
        ...

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
        """Write down a try, and where the message stands after it.

        Where it was replayed or superseded meanwhile it stands as that left it.
        """
        ...

    async def of_jobs(self, job_ids: Collection[str]) -> list[Message]:
        """List the messages of jobs, oldest run first."""
        ...

    async def deliveries(self, job_id: str) -> list[Delivery]:
        """List all tries to deliver a job's messages, oldest first."""
        ...

    async def replay(self, job_id: str, run: int, *, now_ms: int) -> int:
        """Make a run's messages due now, whatever became of them → how many there are."""
        ...
