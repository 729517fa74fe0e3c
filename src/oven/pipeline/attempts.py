"""What the pipeline asks of the table of attempts: what each of them did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from oven.pipeline.trace import Trace

# As `Trace` writes them.
Steps = Sequence[Mapping[str, Any]]


class AttemptEnd(StrEnum):
    """How an attempt ended; the last three are followed by another."""

    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    RETRYING = "retrying"
    HANDED_BACK = "handed back"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRecord:
    """An attempt as it is stored; `ended_as` is None while it runs."""

    token: str
    job_id: str
    run: int
    attempt: int
    began_ms: int
    ended_ms: int | None
    ended_as: AttemptEnd | None
    error: Mapping[str, Any] | None
    steps: Steps
    log: str


class Attempts(Protocol):
    """What attempts did; begun and ended by `Jobs`, in the transactions that change their jobs."""

    async def note(self, token: str, trace: Trace) -> None:
        """Write down how far an attempt has come, whether or not it still holds its job."""
        ...

    async def of_job(self, job_id: str) -> list[AttemptRecord]:
        """List a job's attempts, oldest first."""
        ...

    async def latest_done(self, kind: str, *, limit: int) -> list[tuple[Steps, Mapping[str, Any]]]:
        """List steps and results of the latest jobs of a kind that ended well, in order of acceptance."""
        ...
