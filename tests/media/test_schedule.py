"""Properties of the schedule, over any times a tape may have."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oven.media.schedule import RATES, choose_rate, plan_schedule

GAPS_S = st.lists(st.floats(min_value=0, max_value=3, allow_nan=False), min_size=1, max_size=200)
RATE = st.sampled_from([*map(Fraction, RATES), Fraction(30000, 1001), Fraction(1), Fraction(120)])
EPSILON_S = 1e-9


def times(gaps: list[float]) -> tuple[list[float], float]:
    """Give starts and total of frames that last these seconds."""
    starts = [0.0]
    for gap in gaps[:-1]:
        starts.append(starts[-1] + gap)
    return starts, starts[-1] + gaps[-1]


@given(gaps=GAPS_S, rate=RATE)
def test_every_shown_frame_starts_within_half_a_slot(gaps: list[float], rate: Fraction) -> None:
    """Error never accumulates, and the largest is the one that is reported."""
    starts, total = times(gaps)
    schedule = plan_schedule(starts, total, rate)
    errors = [abs(float(slot / rate) - starts[frame]) for frame, slot in schedule.shown]
    assert max(errors) <= 0.5 / rate + EPSILON_S
    assert schedule.largest_start_error_s == max(errors)


@given(gaps=GAPS_S, rate=RATE)
def test_the_total_is_within_one_slot(gaps: list[float], rate: Fraction) -> None:
    """However short the last frame is; but there is always one slot."""
    starts, total = times(gaps)
    schedule = plan_schedule(starts, total, rate)
    assert schedule.slots >= 1
    assert abs(schedule.duration_s - total) <= 1 / rate + EPSILON_S


@given(gaps=GAPS_S, rate=RATE)
def test_order_is_kept_and_every_frame_is_accounted_for(gaps: list[float], rate: Fraction) -> None:
    """Frames and slots both rise, from slot 0 to within the end; shown and dropped make all."""
    starts, total = times(gaps)
    schedule = plan_schedule(starts, total, rate)
    assert schedule.shown[0][1] == 0
    assert schedule.shown[-1][1] < schedule.slots
    for (frame, slot), (later_frame, later_slot) in pairwise(schedule.shown):
        assert frame < later_frame
        assert slot < later_slot
    assert len(schedule.shown) + schedule.dropped == len(starts)
    assert len(schedule.shown) + schedule.repeated == schedule.slots


@given(gaps=GAPS_S, rate=RATE)
def test_a_dropped_frame_gives_way_to_a_later_one(gaps: list[float], rate: Fraction) -> None:
    """Where frames share a slot the last of them is shown, unless it begins only where the tape ends."""
    starts, total = times(gaps)
    schedule = plan_schedule(starts, total, rate)
    slot_of = dict(schedule.shown)
    for frame, start in enumerate(starts):
        if frame not in slot_of:
            slot = int(start * rate + 0.5)
            taken = any(shown > frame and other == slot for shown, other in schedule.shown)
            assert taken or slot >= schedule.slots


@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        (1, 24),
        (24, 24),
        (24.7, 24),
        (24.8, 25),
        (25, 25),
        (29.97, 30),
        (30, 30),
        (31, 50),
        (50, 50),
        (55, 60),
    ],
)
def test_the_slowest_rate_that_keeps_up(fps: float, rate: int) -> None:
    """The smallest rate not below 0.97 of the median source rate."""
    starts = [index / fps for index in range(50)]
    assert choose_rate(starts, 50 / fps) == rate


@pytest.mark.parametrize("fps", [60, 61.9, 90, 120, 240, 1000])
def test_the_fastest_rate_is_sixty(fps: float) -> None:
    """Sources that are faster than all rates get the fastest."""
    assert choose_rate([index / fps for index in range(50)], 50 / fps) == 60


def test_one_long_pause_does_not_slow_the_rate() -> None:
    """The median decides, not the mean."""
    starts = [index / 60 for index in range(50)]
    assert choose_rate([*starts, 30.0], 30.1) == 60


def test_frames_without_time() -> None:
    """Frames that all stand at zero: one slot, showing the last."""
    assert choose_rate([0.0, 0.0], 0.0) == 60
    schedule = plan_schedule([0.0, 0.0], 0.0, Fraction(60))
    assert schedule.shown == ((1, 0),)
    assert (schedule.slots, schedule.dropped) == (1, 1)


def test_a_single_frame_counts_by_its_duration() -> None:
    """A still of half a second is 12 slots at 24 a second."""
    assert choose_rate([0.0], 0.5) == 24
    assert plan_schedule([0.0], 0.5, Fraction(24)).slots == 12
