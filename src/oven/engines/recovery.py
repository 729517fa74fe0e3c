"""What dead attempts leave: jobs to put back, and work directories to remove."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from oven.domain.errors import Code, FaultError
from oven.domain.job import JobRecord
from oven.domain.retry import MAX_CRASHES
from oven.pipeline.jobs import Jobs
from oven.pipeline.journal import job_ended
from oven.pipeline.persist import persist
from oven.pipeline.workspaces import WorkFolders
from oven.recipes.plan import Limits, Recipe

# Later than every lease.
FOREVER_MS = 1 << 60

log = structlog.get_logger("oven.jobs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Puts back jobs whose attempts have died, and ends those that kill whoever takes them.

    `ended` is called when a job has come to its end here.
    """

    jobs: Jobs
    folders: WorkFolders
    book: Mapping[str, Recipe[Any]]
    limits: Limits
    now_ms: Callable[[], int]
    ended: Callable[[], None]

    async def recover_all(self) -> None:
        """Take every running row for a dead attempt's: nobody else is on this table."""
        for record in await persist(lambda: self.jobs.expired(now_ms=FOREVER_MS)):
            await self._crashed(record)

    async def sweep(self, token_of: Callable[[str], str | None]) -> None:
        """Put back what has not been heard of for a lease, and remove what nobody works on any more.

        Args:
            token_of: gives the token of the attempt that works on a job here, if one does.

        """
        for record in await persist(lambda: self.jobs.expired(now_ms=self.now_ms())):
            if token_of(record.id) is None:
                await self._crashed(record)
        await self.folders.sweep(token_of)

    async def _crashed(self, record: JobRecord) -> None:
        """Put back a job whose attempt has died, or end it when that happened too often."""
        log.warning("attempt_died", job=record.id, run=record.run, attempt=record.attempt)
        if record.crashes + 1 < MAX_CRASHES:
            await persist(lambda: self.jobs.crash(record.id, record.token, now_ms=self.now_ms()))
            return
        error = FaultError(
            Code.WORKER_CRASHED,
            f"the process that worked on this job died {MAX_CRASHES} times",
            hint="Look at the machine's memory; retry the job once it is well.",
        )
        recipe = self.book[record.kind]
        outcome = recipe.finish(recipe.read(record.request), error, self.limits)
        ended = await persist(
            lambda: self.jobs.finish(record.id, record.token, outcome, now_ms=self.now_ms())
        )
        if ended is not None:
            job_ended(ended)
            await self.folders.discard_job(record.id)
        self.ended()
