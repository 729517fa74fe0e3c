"""What callers may do with jobs, whichever door they come through.

Where a method takes an `owner`, it is whose jobs there are for who asks: None for all.
"""

from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import anyio

from oven.domain.errors import BadInputError, Code, ConflictError, NotFoundError, TransientError
from oven.domain.job import Acceptance, Accepted, JobRecord, JobState, NewJob
from oven.domain.quota import Quota, quota_of
from oven.pipeline.attempts import AttemptRecord, Attempts
from oven.pipeline.jobs import Jobs
from oven.pipeline.journal import job_ended
from oven.pipeline.messages import Delivery, Message, MessageState, Outbox
from oven.pipeline.outlook import Outlooks
from oven.pipeline.pulse import Pulse
from oven.recipes.plan import Limits, Recipe

WATCHED_AT_ONCE = 100
# However fast things change, a watcher looks no more often than that.
WATCH_EVERY_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """All that is known of a job: its attempts, its callbacks and every try to deliver them."""

    record: JobRecord
    attempts: Sequence[AttemptRecord]
    messages: Sequence[Message]
    deliveries: Sequence[Delivery]


@dataclass(slots=True, kw_only=True)
class Service:
    """Submits, cancels, retries and replays.

    `wake` tells the engine that something waits, `interrupt` that a job has ended without it,
    `deliver` the callbacks that a message waits; `outlooks` tells what is to come of jobs, and how far those
    are that run; `pulse` beats when anything has changed.
    `per_day` says by kind how many a user may begin in a day, where that is bounded.
    """

    jobs: Jobs
    attempts: Attempts
    outbox: Outbox
    book: Mapping[str, Recipe[Any]]
    limits: Limits
    queue_limit: int
    now_ms: Callable[[], int]
    wake: Callable[[], None]
    interrupt: Callable[[str], None]
    deliver: Callable[[], None]
    outlooks: Outlooks
    pulse: Pulse
    per_day: Mapping[str, int] = field(default_factory=dict)
    is_closing: bool = False

    async def submit(self, new: NewJob) -> Accepted:
        """Accept a job for good, or give that of its key, or the active one that asks for the same.

        Raises:
            ReusedKeyError: IDEMPOTENCY_KEY_REUSED.
            ConflictError: ASSET_CONFLICT.
            QuotaError: RATE_LIMITED.
            TransientError: QUEUE_FULL, SHUTTING_DOWN, STORE_UNAVAILABLE; nothing was accepted.

        """
        (accepted,) = await self.submit_all([new])
        return accepted

    async def submit_all(self, news: Sequence[NewJob]) -> list[Accepted]:
        """Accept jobs for good, all of them or none, as `submit` does each.

        Raises:
            ReusedKeyError: IDEMPOTENCY_KEY_REUSED.
            ConflictError: ASSET_CONFLICT.
            QuotaError: RATE_LIMITED.
            TransientError: QUEUE_FULL, SHUTTING_DOWN, STORE_UNAVAILABLE.

        """
        self._check_open()
        accepted = await self.jobs.submit_all(news, now_ms=self.now_ms(), queue_limit=self.queue_limit)
        if any(each.how is Acceptance.NEW for each in accepted):
            self.wake()
        return [each._replace(record=self.outlooks.shown(each.record)) for each in accepted]

    async def quota(self, kind: str, *, owner: str) -> Quota | None:
        """Tell how many of a kind an owner may begin today; None where that is not bounded."""
        limit = self.per_day.get(kind)
        if limit is None:
            return None
        now_ms = self.now_ms()
        return quota_of(limit, await self.jobs.charged(kind, owner=owner, now_ms=now_ms), now_ms=now_ms)

    async def get(self, job_id: str, *, owner: str | None) -> JobRecord:
        """Find a job of an owner's, or, where None asks, anybody's.

        Raises:
            NotFoundError: NOT_FOUND, there is none, or it is another's.

        """
        record = await self.jobs.get(job_id, owner=owner)
        if record is None:
            raise NotFoundError(Code.NOT_FOUND, "there is no such job")
        return self.outlooks.shown(record)

    async def page(
        self,
        *,
        owner: str | None,
        states: Collection[JobState] = (),
        kind: str = "",
        callbacks: Collection[MessageState] = (),
        output: str = "",
        before: tuple[int, str] | None = None,
        limit: int,
    ) -> list[JobRecord]:
        """List jobs, newest first, as `Jobs.page` does."""
        records = await self.jobs.page(
            owner=owner,
            states=states,
            kind=kind,
            callbacks=callbacks,
            output=output,
            before=before,
            limit=limit,
        )
        return [self.outlooks.shown(record) for record in records]

    async def messages(self, records: Collection[JobRecord]) -> Mapping[str, Message]:
        """Give the callback of each job's run that has one, by the job's id."""
        runs = {record.id: record.run for record in records}
        messages = await self.outbox.of_jobs(runs)
        return {message.job_id: message for message in messages if message.run == runs[message.job_id]}

    async def timeline(self, job_id: str) -> Timeline:
        """Tell all that happened to a job, whoever's it is.

        Raises:
            NotFoundError: NOT_FOUND.

        """
        return Timeline(
            record=await self.get(job_id, owner=None),
            attempts=await self.attempts.of_job(job_id),
            messages=await self.outbox.of_jobs([job_id]),
            deliveries=await self.outbox.deliveries(job_id),
        )

    async def watch(self, *, after: int) -> AsyncGenerator[JobRecord]:
        """Give each job that changes, as it is then: every final state, and the latest of what passes.

        Nothing is queued for who is slow: changes are read from the store when they are asked for.

        Args:
            after: the `seq` of the last change that is known; of a snapshot, `Jobs.latest_seq` before it.

        Raises:
            TransientError: STORE_UNAVAILABLE.

        """
        seq = after
        shown: dict[str, JobRecord] = {}
        while True:
            beat = self.pulse.next
            changed = await self.jobs.changed(after=seq, limit=WATCHED_AT_ONCE)
            for record in changed:
                seq = record.seq
                shown.pop(record.id, None)
                if record.state is JobState.RUNNING:
                    shown[record.id] = record
                yield self.outlooks.shown(record)
            for job_id, record in list(shown.items()):
                live = self.outlooks.shown(record)
                if (live.progress, live.phase) != (record.progress, record.phase):
                    shown[job_id] = live
                    yield live
            if not changed:
                await beat.wait()
                await anyio.sleep(WATCH_EVERY_S)

    async def cancel(self, job_id: str, *, owner: str | None) -> JobRecord:
        """End a job now, queued or running; its callback tells of it.

        Raises:
            NotFoundError: NOT_FOUND.
            ConflictError: JOB_CONFLICT, it has ended already.

        """
        record = await self.get(job_id, owner=owner)
        recipe = self.book[record.kind]
        error = BadInputError(Code.CANCELLED, "the job was cancelled")
        outcome = recipe.finish(recipe.read(record.request), error, self.limits)
        ended = await self.jobs.end(job_id, outcome, now_ms=self.now_ms())
        if ended is None:
            latest = await self.get(job_id, owner=owner)
            if latest.state.is_final:
                raise ConflictError(Code.JOB_CONFLICT, f"the job is {latest.state} already")
            raise ConflictError(
                Code.JOB_CONFLICT, "the job's results are being published; it is too late to cancel it"
            )
        job_ended(ended)
        self.interrupt(job_id)
        self.wake()
        self.deliver()
        return ended

    async def retry(self, job_id: str, *, owner: str | None) -> JobRecord:
        """Open the next run of a job that has ended; for its owner it counts as one more of today.

        Raises:
            NotFoundError: NOT_FOUND.
            ConflictError: JOB_CONFLICT, it has not ended, or the same is active under another id.
            QuotaError: RATE_LIMITED.
            TransientError: QUEUE_FULL, SHUTTING_DOWN.

        """
        self._check_open()
        record = await self.get(job_id, owner=owner)
        per_day = None if owner is None else self.per_day.get(record.kind)
        again = await self.jobs.rerun(
            job_id, now_ms=self.now_ms(), queue_limit=self.queue_limit, per_day=per_day
        )
        if again is None:
            raise ConflictError(
                Code.JOB_CONFLICT, f"the job is {record.state}; only one that has ended has a next run"
            )
        self.wake()
        return self.outlooks.shown(again)

    async def replay(self, job_id: str, *, owner: str | None) -> int:
        """Send the callback of a job's latest run again, now → how many messages.

        Raises:
            NotFoundError: NOT_FOUND, there is no such job, or it has told nothing yet.

        """
        record = await self.get(job_id, owner=owner)
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
