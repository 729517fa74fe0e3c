"""How a job stands, as it is posted."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from oven.domain.job import JobState
from oven.pipeline.post import progress_json
from tests.doors.test_jobs import RECORD


@given(st.dictionaries(st.sampled_from(["type", "jobId", "state", "x"]), st.text(), max_size=4))
def test_the_echo_says_nothing_of_ours(echo: dict[str, str]) -> None:
    """Whatever a caller's own members are."""
    said = progress_json(replace(RECORD, request={"echo": echo}), 0)
    assert (said["type"], said["jobId"], said["state"]) == ("progress", "j", JobState.FAILED)
    assert said["at"] == "1970-01-01T00:00:00.000Z"
    assert "secret" not in str(said)
