"""What the pipeline asks of the table of jobs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from oven.domain.errors import OvenError
from oven.domain.job import Accepted, JobRecord, JobState, NewJob
from oven.pipeline.messages import MessageState
from oven.recipes.plan import Artifact, Outcome
from oven.recipes.steps import Target


class Jobs(Protocol):
    """Where jobs are kept; every method that writes is one transaction, on disk when it returns.

    All instants are milliseconds since 1970, UTC, and the caller's: a store reads no clock.
    Methods that take a token change nothing, and give None or False, where the token is no longer held.

    Raises:
        TransientError: STORE_UNAVAILABLE, from every method.

    """

    async def submit(self, new: NewJob, *, now_ms: int, queue_limit: int) -> Accepted:
        """Accept a job, with the asset that it brings.

        Or give that of its key, or the active one of the same identity, or that which brings the asset.
        A job with `per_day` counts from now on; its end says whether it still does (`domain.quota`).

        Raises:
            ReusedKeyError: IDEMPOTENCY_KEY_REUSED.
            ConflictError: ASSET_CONFLICT, the asset's id cannot be had.
            QuotaError: RATE_LIMITED, its owner has begun as many today as the job's `per_day`.
            TransientError: QUEUE_FULL.

        """
        ...

    async def submit_all(self, news: Sequence[NewJob], *, now_ms: int, queue_limit: int) -> list[Accepted]:
        """Accept jobs as `submit` does, all of them or none.

        Raises:
            OvenError: as `submit`; a QuotaError tells what was begun without these.

        """
        ...

    async def charged(self, kind: str, *, owner: str, now_ms: int) -> int:
        """Count the jobs with `per_day` that an owner has begun of a kind on the day (UTC) of an instant.

        Each run by itself; not those that failed by our fault, nor those cancelled before they began.
        """
        ...

    async def get(self, job_id: str, *, owner: str | None = None) -> JobRecord | None:
        """Find a job: an owner's, or anybody's."""
        ...

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
        """List jobs, newest first, from before (created, id) on.

        All owners, states and kinds where none is given; with `callbacks` those with one in such a state;
        with `output` those whose output key is or ends in it.
        """
        ...

    async def changed(self, *, after: int, limit: int) -> list[JobRecord]:
        """List jobs that have changed since a `seq`, in the order of their latest changes."""
        ...

    async def waiting(self) -> list[JobRecord]:
        """List all jobs that wait, in the order of their acceptance."""
        ...

    async def latest_seq(self) -> int:
        """Give the `seq` of the latest change."""
        ...

    async def counts(self, *, kinds: Collection[str] | None = None) -> Mapping[JobState, int]:
        """Count jobs by state, of some kinds or of all; states without jobs are left out."""
        ...

    async def claim(
        self,
        token: str,
        *,
        now_ms: int,
        lease_ms: int,
        kinds: Collection[str] | None = None,
        skip: Collection[str] = (),
    ) -> JobRecord | None:
        """Take the next job that may run: attempt + 1, a fresh token and a lease, before any work.

        A job waits for earlier ones with its output key, of whatever kind; those to `skip`, and those of
        other `kinds` where some are given, are left for later.
        """
        ...

    async def next_available_ms(self, *, after_ms: int = -1) -> int | None:
        """When the time of a waiting job comes next, later than `after_ms`."""
        ...

    async def beat(
        self, job_id: str, token: str, *, lease_until_ms: int, progress: float, phase: str
    ) -> bool:
        """Renew the lease and tell the progress; false means: you have been replaced."""
        ...

    async def begin_publishing(self, job_id: str, token: str, artifact: Artifact) -> bool:
        """Write down that an object is about to appear; from now on nobody cancels this attempt."""
        ...

    async def finish(self, job_id: str, token: str, outcome: Outcome, *, now_ms: int) -> JobRecord | None:
        """End a run: state, result, artifacts and the callback's message, all at once."""
        ...

    async def end(self, job_id: str, outcome: Outcome, *, now_ms: int) -> JobRecord | None:
        """End a run whoever works on it; None where it has ended already, or is publishing."""
        ...

    async def retry_later(
        self, job_id: str, token: str, error: OvenError, *, available_ms: int, now_ms: int
    ) -> JobRecord | None:
        """Give up an attempt; the next one may begin at `available_ms`."""
        ...

    async def hand_back(self, job_id: str, token: str, *, now_ms: int) -> JobRecord | None:
        """Give back a claim as if it had not been made."""
        ...

    async def expired(self, *, now_ms: int) -> list[JobRecord]:
        """List running jobs whose lease has run out."""
        ...

    async def crash(self, job_id: str, token: str, *, now_ms: int) -> JobRecord | None:
        """Put a job whose attempt has died back into the queue, and count it."""
        ...

    async def rerun(
        self, job_id: str, *, now_ms: int, queue_limit: int, per_day: int | None = None
    ) -> JobRecord | None:
        """Open the next run of a job that has ended; None where it has not.

        With `per_day` it counts as one more that its owner begins today, under that limit.

        Raises:
            ConflictError: JOB_CONFLICT, the same is active under another id.
            QuotaError: RATE_LIMITED.
            TransientError: QUEUE_FULL.

        """
        ...


class LastObject(NamedTuple):
    """An object that one job alone has made; `is_result` where nobody reaches it but by that job."""

    target: Target
    is_result: bool


class ExpiredJobs(Protocol):
    """Jobs that ended long ago; of some kinds the latest that failed are kept, however long ago."""

    async def expired(self, *, before_ms: int, limit: int, skip: Collection[str] = ()) -> list[str]:
        """List jobs that ended before an instant, without a callback on its way or parked since.

        Nor those to `skip`, nor those whose output is being made again.
        """
        ...

    async def last_objects(self, job_id: str) -> list[LastObject]:
        """List a job's objects that no other job has made."""
        ...

    async def half_made(self, *, before_ms: int, limit: int, skip: Collection[str] = ()) -> list[str]:
        """List exports that failed or were cancelled before an instant, and had stored something.

        Nobody is told where that is.
        """
        ...

    async def is_unreached(self, job_id: str) -> bool:
        """Whether a job has failed or was cancelled, and is not run again."""
        ...

    async def expired_objects(
        self, *, now_ms: int, limit: int, skip: Collection[Target] = ()
    ) -> list[Target]:
        """List objects whose time is over, and that nobody makes again, or has made again since."""
        ...

    async def is_expired(self, target: Target, *, now_ms: int) -> bool:
        """Whether an object is one of `expired_objects`."""
        ...

    async def drop(self, target: Target, *, now_ms: int) -> None:
        """Forget an object whose time is over; what is known of a later one of its name stays."""
        ...

    async def disown(self, job_id: str) -> None:
        """Forget what a job had stored, unless it is active again, or done."""
        ...

    async def is_abandoned(self, target: Target) -> bool:
        """Whether a job of ours has made an object, or tried to, and none is about to."""
        ...

    async def forget(self, job_id: str, *, before_ms: int) -> bool:
        """Remove a job that ended before an instant, with all that is known of it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What stands in the store: counts, bytes, and since when (ms since 1970) the oldest has been there."""

    jobs: Mapping[JobState, int]
    oldest_waiting_ms: int | None
    oldest_running_ms: int | None
    callbacks_pending: int
    oldest_callback_ms: int | None
    callbacks_parked: int
    stored_bytes: int


class FigureReader(Protocol):
    """Counts, for who watches over an Oven."""

    async def read(self) -> Figures: ...
