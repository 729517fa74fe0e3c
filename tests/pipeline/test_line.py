"""The order of what waits."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from oven.domain.job import WAITING, JobRecord, JobState
from oven.pipeline.line import Line
from tests.doors.test_jobs import RECORD

STATES = st.sampled_from(list(JobState))


def record(job_id: str, accepted: int, state: JobState = JobState.QUEUED, kind: str = "bake") -> JobRecord:
    return replace(RECORD, id=job_id, accepted=accepted, state=state, kind=kind)


def test_in_the_order_of_acceptance() -> None:
    """Whatever the order of the news; retrying ones keep their place."""
    line = Line()
    for job_id, accepted, state in (("b", 5, "queued"), ("a", 2, "retrying"), ("c", 9, "queued")):
        line.note(record(job_id, accepted, JobState(state)))
    assert [line.position(accepted) for accepted in (2, 5, 9)] == [1, 2, 3]
    line.note(record("a", 2, JobState.RUNNING))
    assert [line.position(accepted) for accepted in (5, 9)] == [1, 2]
    # Not heard of yet: where it will stand.
    assert line.position(7) == 2


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), STATES, st.sampled_from(["bake", "convert"]), st.booleans())
    )
)
def test_the_line_is_what_waits(changes: list[tuple[str, JobState, str, bool]]) -> None:
    """After any changes, next runs with their new numbers included."""
    line, jobs = Line(), dict[str, JobRecord]()
    for number, (job_id, state, kind, is_anew) in enumerate(changes, start=1):
        known = jobs.get(job_id)
        accepted = number if known is None or is_anew else known.accepted
        jobs[job_id] = record(job_id, accepted, state, kind if known is None else known.kind)
        line.note(jobs[job_id])
        waiting = sorted(job.accepted for job in jobs.values() if job.state in WAITING)
        assert [line.position(accepted) for accepted in waiting] == list(range(1, len(waiting) + 1))
        kinds = [job.kind for job in jobs.values() if job.state in WAITING]
        assert line.kinds == {kind: kinds.count(kind) for kind in set(kinds)}
