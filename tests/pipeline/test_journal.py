"""The log's line of a run's end."""

from dataclasses import replace

from structlog.testing import capture_logs

from oven.domain.job import JobRecord, JobState
from oven.pipeline.journal import job_ended
from tests.doors.test_jobs import RECORD


def ended(record: JobRecord) -> dict[str, object]:
    with capture_logs() as lines:
        job_ended(record, phase="encode", detail="d", phases={"fetch": 0.5, "encode": 2.0})
    (line,) = lines
    return dict(line)


def test_one_line_says_all() -> None:
    """Which job, how it ended, after how long, which phase took how much of it, and why."""
    line = ended(replace(RECORD, finished_ms=4_000))
    assert line["event"] == "job_ended"
    assert (line["job"], line["state"], line["run"]) == ("j", JobState.FAILED, 2)
    assert (line["code"], line["phase"], line["detail"]) == ("ENCODE_STALLED", "encode", "d")
    assert (line["ms"], line["since_accepted_ms"]) == (2_500, 4_000)
    assert line["phases"] == {"fetch": 0.5, "encode": 2.0}
    assert "secret" not in str(line)


def test_whose_result_was_reused() -> None:
    """Is told, where one was."""
    done = replace(RECORD, error=None, state=JobState.DONE, result={"reused": {"jobId": "earlier"}})
    assert ended(done)["reused"] == "earlier"
    assert ended(replace(done, result={"reused": None}))["reused"] is None
    assert ended(replace(done, result={}))["reused"] is None


def test_a_job_that_never_began() -> None:
    """Took no time."""
    line = ended(replace(RECORD, started_ms=None, finished_ms=4_000, error=None))
    assert (line["ms"], line["code"]) == (0, None)
