"""How long jobs will still take."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oven.domain import eta as module
from oven.domain.eta import Learned, Run, learn, remaining_s, wait_s

PHASES = ["fetch", "encode", "publish"]
seconds = st.floats(0, 1e6)
shares = st.floats(0, 1)
runs = st.lists(
    st.builds(
        Run,
        st.dictionaries(st.sampled_from(PHASES), st.floats(0, 1e5)),
        st.none() | st.integers(0, 100_000),
    ),
    max_size=40,
)


def test_the_worked_examples() -> None:
    """Those of the documentation are true."""
    found = doctest.testmod(module)
    assert found.attempted > 5
    assert found.failed == 0


@given(runs)
def test_what_is_learned_lies_within_what_was(runs: list[Run]) -> None:
    """The mean between the shortest and the longest; shares are shares, and 1 together."""
    learned = learn(runs)
    took = [total for run in runs if (total := sum(run.phases.values())) > 0]
    assert (learned is None) == (not took)
    if learned is not None:
        assert min(took) * 0.999999 <= learned.mean_s <= max(took) * 1.000001
        assert all(0 <= share <= 1.000001 for share in learned.shares.values())
        assert sum(learned.shares.values()) == pytest.approx(1)


@given(runs, st.sampled_from([*PHASES, "", "unknown"]), st.lists(st.floats(-1, 2), min_size=2, max_size=2))
def test_the_share_that_is_over(runs: list[Run], phase: str, fractions: list[float]) -> None:
    """From 0 to 1, and never less when more of a phase is done, or a later one has begun."""
    learned = learn([Run({"fetch": 1.0}), *runs])
    assert learned is not None
    less, more = (learned.share_done(PHASES, phase, fraction) for fraction in sorted(fractions))
    assert 0 <= less <= more <= 1
    if phase in PHASES[:-1]:
        assert more <= learned.share_done(PHASES, PHASES[PHASES.index(phase) + 1], 0.0) + 1e-9


@given(shares, shares, seconds, seconds, st.none() | seconds)
def test_what_remains(less: float, more: float, elapsed: float, longer: float, total: float | None) -> None:
    """Never negative, nothing at the end; less the more is over, more the longer it took so far."""
    less, more = sorted((less, more))
    found, nearer = remaining_s(less, elapsed, total), remaining_s(more, elapsed, total)
    slower = remaining_s(less, elapsed + longer, total)
    if found is None:
        assert total is None
        return
    assert nearer is not None
    assert slower is not None
    assert 0 <= nearer <= found <= slower
    assert remaining_s(1.0, elapsed, total) == 0


@given(shares, seconds)
def test_who_is_as_fast_as_the_others(share: float, total: float) -> None:
    """Needs exactly the rest of what they needed."""
    assert remaining_s(share, share * total, total) == pytest.approx((1 - share) * total)


def test_what_others_took_counts_less_and_less() -> None:
    """Who is four times as slow is believed nothing in the beginning, and nearly all in the end."""
    for share, believed in ((0.0, 10.0), (0.5, 12.5), (0.9, 3.7)):
        assert remaining_s(share, 4 * share * 10, 10.0) == pytest.approx(believed)
    assert remaining_s(0.9, 36.0) == pytest.approx(4.0)


def test_in_proportion_to_frames() -> None:
    """Where both are known."""
    learned = Learned(mean_s=10, frame_s=0.1, shares={})
    assert [learned.total_s(frames) for frames in (None, 50, 300)] == [10, 5, pytest.approx(30)]
    assert Learned(mean_s=10, frame_s=None, shares={}).total_s(50) == 10


@pytest.mark.parametrize(
    ("running", "position", "waits"), [(0, 1, 0.0), (1, 1, 0.0), (1, 2, 15.0), (2, 1, 15.0), (0, 3, 15.0)]
)
def test_who_finds_a_free_slot_does_not_wait(running: int, position: int, waits: float) -> None:
    """All others share the work ahead of them."""
    assert wait_s(30.0, running=running, position=position, slots=2) == waits
