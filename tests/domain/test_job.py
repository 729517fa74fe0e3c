"""Jobs and their states."""

from oven.domain.job import JobState


def test_final_states() -> None:
    """Three of six."""
    assert [state.value for state in JobState if state.is_final] == ["done", "failed", "cancelled"]
