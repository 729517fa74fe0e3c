"""The log's one line for each run of a job that has ended."""

from collections.abc import Mapping

import structlog

from oven.domain.job import JobRecord, JobState

log = structlog.get_logger("oven.jobs")


def job_ended(
    record: JobRecord, *, phase: str = "", detail: str = "", phases: Mapping[str, float] | None = None
) -> None:
    """Say that a run of a job has ended, whoever ended it.

    Args:
        record: the job as it is now.
        phase: where it was when it failed.
        detail: the tools' own words, where it failed.
        phases: what each phase of its last attempt took, in seconds.

    """
    finished_ms = record.finished_ms or record.created_ms
    write = log.warning if record.state is JobState.FAILED else log.info
    write(
        "job_ended",
        job=record.id,
        kind=record.kind,
        run=record.run,
        state=record.state,
        attempts=record.attempt,
        crashes=record.crashes,
        code=(record.error or {}).get("code"),
        message=(record.error or {}).get("message"),
        reused=((record.result or {}).get("reused") or {}).get("jobId"),
        phase=phase or None,
        detail=detail or None,
        ms=finished_ms - (record.started_ms or finished_ms),
        since_accepted_ms=finished_ms - record.created_ms,
        phases=phases,
    )
