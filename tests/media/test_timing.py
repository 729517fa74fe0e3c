"""How timing.json is read, and refused."""

from typing import Any

import pytest
from hypothesis import given

from oven.domain.errors import BadInputError, Code
from oven.media.timing import constant_timing, names_files, read_timing
from tests.strategies import TIMINGS

NAMES = ["frame-0.png", "frame-1.png", "frame-2.png"]


def row(index: int, **members: Any) -> dict[str, Any]:
    return {"filename": NAMES[index], "duration": 40.0, "timestamp": 1000.0 + 40 * index} | members


def test_the_recorders_own() -> None:
    """An array of frames with names, durations and timestamps of any epoch."""
    timing = read_timing([row(0), row(1), row(2, duration=16.67)], NAMES)
    assert timing.pictures == (0, 1, 2)
    assert timing.starts_s == pytest.approx((0, 0.04, 0.08))
    assert timing.total_s == pytest.approx(0.09667)


def test_frames_in_an_object() -> None:
    """An object that holds the array as `frames`."""
    assert read_timing({"frames": [row(0)]}, NAMES).pictures == (0,)


def test_names_rule_order_and_choice() -> None:
    """Frames stand in the order of timing.json; those it does not name are left out."""
    rows = [{"filename": NAMES[2], "duration": 10}, {"filename": NAMES[0], "duration": 10}]
    assert read_timing(rows, NAMES).pictures == (2, 0)


def test_names_with_a_folder() -> None:
    """A file that is named with its folder is found by its name."""
    assert read_timing([row(0, filename="tape/frame-1.png")], NAMES).pictures == (1,)


def test_timestamps_before_durations() -> None:
    """Clamped durations give way to timestamps that tell the truth."""
    rows = [row(index, duration=10, timestamp=8 * index) for index in range(3)]
    assert read_timing(rows, NAMES).starts_s == pytest.approx((0, 0.008, 0.016))


@pytest.mark.parametrize("stamps", [(0, 40, 39), (0, None, 80), (5, 5, 5)])
def test_durations_where_timestamps_are_no_clock(stamps: tuple[int | None, ...]) -> None:
    """Timestamps that go back, are missing, or stand still."""
    rows = [row(index, timestamp=stamp) for index, stamp in enumerate(stamps)]
    timing = read_timing(rows, NAMES)
    assert timing.starts_s == pytest.approx((0, 0.04, 0.08))
    assert timing.ignores_timestamps == (None not in stamps)


def test_timestamps_alone() -> None:
    """Without durations the last frame lasts as long as the median one."""
    rows = [{"timestamp": 0}, {"timestamp": 20}, {"timestamp": 50}]
    timing = read_timing(rows, NAMES)
    assert timing.total_s == pytest.approx(0.05 + 0.025)


def test_no_timing_at_all() -> None:
    """60 frames a second."""
    timing = constant_timing(3)
    assert timing.starts_s == pytest.approx((0, 1 / 60, 2 / 60))
    assert timing.total_s == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("frames", "array"),
        (None, "array"),
        ({"frames": 5}, "array"),
        ({}, "array"),
        ([1], "entry 0 is not an object"),
        ([{"duration": 10}], "times 1 frames, but the archive holds 3"),
        ([row(0), row(1, filename=None)], "entry 1 has no file name"),
        ([row(0, filename=7)], "entry 0 has no file name"),
        ([row(0), row(1, filename="frame-9.png")], "entry 1 names frame-9.png, which is not in the archive"),
        ([row(0), row(1, duration="10")], "duration of entry 1 is not a number"),
        ([row(0), row(1, duration=True)], "duration of entry 1 is not a number"),
        ([row(0), row(1, duration=-1)], "duration of entry 1 is -1"),
        ([row(0, duration=float("nan"))], "duration of entry 0 is nan"),
        ([row(0, duration=float("inf"))], "duration of entry 0 is inf"),
        ([row(0, duration=10**400)], "must be finite"),
        ([row(0, timestamp=[])], "timestamp of entry 0 is not a number"),
        ([row(0, duration=None, timestamp=None), row(1)], "entry 0 has no duration"),
    ],
)
def test_bad_timing_is_refused(value: object, says: str) -> None:
    """Each with the entry and the reason."""
    with pytest.raises(BadInputError) as caught:
        read_timing(value, NAMES)
    assert caught.value.code is Code.TIMING_INVALID
    assert says in caught.value.message


def test_an_empty_list_has_no_frames() -> None:
    """NO_FRAMES, not a broken timing."""
    with pytest.raises(BadInputError) as caught:
        read_timing([], NAMES)
    assert caught.value.code is Code.NO_FRAMES


def test_what_a_stranger_wrote_is_shown_tamed() -> None:
    """Control characters and length do not reach the message."""
    with pytest.raises(BadInputError) as caught:
        read_timing([row(0, filename="\x1b[31m" + "x" * 500)], NAMES)
    assert "\x1b" not in caught.value.message
    assert len(caught.value.message) < 250


@given(TIMINGS)
def test_any_json_is_read_or_refused(value: object) -> None:
    """Whatever the JSON is: times that never fall, or one of two codes."""
    try:
        timing = read_timing(value, NAMES)
    except BadInputError as error:
        assert error.code in {Code.TIMING_INVALID, Code.NO_FRAMES}
    else:
        assert list(timing.starts_s) == sorted(timing.starts_s)
        assert timing.total_s >= timing.starts_s[-1]


def test_whether_timing_names_files() -> None:
    """Only where an entry has a filename."""
    assert names_files([{"filename": "a.png"}])
    assert not names_files([{"duration": 1}])
    assert not names_files(None)
