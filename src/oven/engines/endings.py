"""How attempts end: what is written of it, what comes next, and what is removed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from oven.domain.errors import Code, FaultError, OvenError
from oven.domain.job import JobRecord
from oven.domain.retry import RetryRule
from oven.engines.running import Running
from oven.pipeline.attempts import Attempts
from oven.pipeline.jobs import Jobs
from oven.pipeline.journal import job_ended
from oven.pipeline.persist import persist
from oven.pipeline.trace import phase_seconds
from oven.pipeline.workspaces import WorkFolders
from oven.recipes.plan import Limits, Outcome, Recipe

log = structlog.get_logger("oven.jobs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endings:
    """Writes how attempts ended.

    `rules` say by kind when to try again, `chance` gives numbers from 0 to 1; `ended` is called when a job
    has come to its end here.
    """

    jobs: Jobs
    attempts: Attempts
    folders: WorkFolders
    limits: Limits
    rules: Mapping[str, RetryRule]
    now_ms: Callable[[], int]
    chance: Callable[[], float]
    ended: Callable[[], None]

    async def write(
        self, found: Running, recipe: Recipe[Any], outcome: Outcome | None, failure: OvenError | None
    ) -> None:
        """Write how an attempt ended; nothing where somebody else has the job.

        Without outcome or failure it was stopped, and is handed back.
        """
        record = found.record
        ended: JobRecord | None = None
        rule = self.rules.get(record.kind, RetryRule())
        failure = failure and rule.judged(failure)
        await persist(lambda: self.attempts.note(record.token, found.trace))
        if found.is_lost:
            pass
        elif outcome is None and failure is None:
            await persist(lambda: self.jobs.hand_back(record.id, record.token, now_ms=self.now_ms()))
        elif failure is not None and (available_ms := self._next_try_ms(record, rule, failure)) is not None:
            await persist(
                lambda: self.jobs.retry_later(
                    record.id, record.token, failure, available_ms=available_ms, now_ms=self.now_ms()
                )
            )
        else:
            final = outcome or recipe.finish(recipe.read(record.request), failure or _unknown(), self.limits)
            ended = await persist(
                lambda: self.jobs.finish(record.id, record.token, final, now_ms=self.now_ms())
            )
        self._tell(found, ended, failure)
        await self.folders.discard_attempt(record.id, record.token)
        latest = ended or await persist(lambda: self.jobs.get(record.id))
        if latest is None or latest.state.is_final:
            await self.folders.discard_job(record.id)
            self.ended()

    def _tell(self, found: Running, ended: JobRecord | None, failure: OvenError | None) -> None:
        """Write a line of the log."""
        record = found.record
        if ended is not None:
            job_ended(
                ended,
                phase=failure.stage if failure else "",
                detail=failure.detail if failure else "",
                phases=phase_seconds(found.trace.steps_json()),
            )
            return
        log.info(
            "attempt_ended",
            job=record.id,
            kind=record.kind,
            run=record.run,
            attempt=record.attempt,
            ended="replaced" if found.is_lost else "retrying" if failure else "handed back",
            code=failure.code if failure else None,
            detail=failure.detail if failure else None,
            phase=found.live.phase,
            ms=self.now_ms() - found.began_ms,
        )

    def _next_try_ms(self, record: JobRecord, rule: RetryRule, failure: OvenError) -> int | None:
        if not failure.retryable:
            return None
        delay_s = rule.delay_s(record.attempt - record.crashes, self.chance())
        return None if delay_s is None else self.now_ms() + round(delay_s * 1000)


def _unknown() -> OvenError:
    return FaultError(Code.INTERNAL, "the attempt ended without an outcome")
