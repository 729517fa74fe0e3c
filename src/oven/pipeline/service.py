"""What callers may do with jobs, whichever door they come through."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from oven.domain.errors import BadInputError, Code, ConflictError, NotFoundError, TransientError
from oven.domain.job import JobRecord, NewJob
from oven.pipeline.stores import Jobs, Outbox
from oven.recipes.plan import Limits, Recipe


@dataclass(slots=True, kw_only=True)
class Service:
    """Submits, cancels, retries and replays.

    `wake` tells the engine that something waits, `interrupt` that a job has ended without it,
    `deliver` the callbacks that a message waits.
    """

    jobs: Jobs
    outbox: Outbox
    book: Mapping[str, Recipe[Any]]
    limits: Limits
    queue_limit: int
    now_ms: Callable[[], int]
    wake: Callable[[], None]
    interrupt: Callable[[str], None]
    deliver: Callable[[], None]
    is_closing: bool = False

    async def submit(self, new: NewJob) -> tuple[JobRecord, bool]:
        """Accept a job for good, or give the active one that asks for the same; true where it is new.

        Raises:
            TransientError: QUEUE_FULL, SHUTTING_DOWN, STORE_UNAVAILABLE; nothing was accepted.

        """
        self._check_open()
        record, created = await self.jobs.submit(new, now_ms=self.now_ms(), queue_limit=self.queue_limit)
        if created:
            self.wake()
        return record, created

    async def get(self, job_id: str) -> JobRecord:
        """Find a job.

        Raises:
            NotFoundError: NOT_FOUND.

        """
        record = await self.jobs.get(job_id)
        if record is None:
            raise NotFoundError(Code.NOT_FOUND, "there is no such job")
        return record

    async def cancel(self, job_id: str) -> JobRecord:
        """End a job now, queued or running; its callback tells of it.

        Raises:
            NotFoundError: NOT_FOUND.
            ConflictError: JOB_CONFLICT, it has ended already.

        """
        record = await self.get(job_id)
        recipe = self.book[record.kind]
        error = BadInputError(Code.CANCELLED, "the job was cancelled")
        outcome = recipe.finish(recipe.read(record.request), error, self.limits)
        ended = await self.jobs.end(job_id, outcome, now_ms=self.now_ms())
        if ended is None:
            raise ConflictError(Code.JOB_CONFLICT, f"the job is {record.state} already")
        self.interrupt(job_id)
        self.wake()
        self.deliver()
        return ended

    async def retry(self, job_id: str) -> JobRecord:
        """Open the next run of a job that has ended.

        Raises:
            NotFoundError: NOT_FOUND.
            ConflictError: JOB_CONFLICT, it has not ended, or the same is active under another id.
            TransientError: QUEUE_FULL, SHUTTING_DOWN.

        """
        self._check_open()
        record = await self.get(job_id)
        again = await self.jobs.rerun(job_id, now_ms=self.now_ms(), queue_limit=self.queue_limit)
        if again is None:
            raise ConflictError(
                Code.JOB_CONFLICT, f"the job is {record.state}; only one that has ended has a next run"
            )
        self.wake()
        return again

    async def replay(self, job_id: str) -> int:
        """Send the callback of a job's latest run again, now → how many messages.

        Raises:
            NotFoundError: NOT_FOUND, there is no such job, or it has told nothing yet.

        """
        record = await self.get(job_id)
        count = await self.outbox.replay(record.id, record.run, now_ms=self.now_ms())
        if not count:
            raise NotFoundError(Code.NOT_FOUND, "the job has no callback to send again")
        self.deliver()
        return count

    def _check_open(self) -> None:
        if self.is_closing:
            raise TransientError(
                Code.SHUTTING_DOWN, "this Oven is shutting down", hint="Send it again in a few seconds."
            )
