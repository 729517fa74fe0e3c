"""How frames follow one another."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oven.media.pace import (
    Measure,
    are_all,
    is_even,
    is_variable,
    number,
    packet_times_s,
    rate_of,
    same_rate,
    usable_rate,
)

EVEN = [at / 25 for at in range(300)]


def test_times() -> None:
    """Ascending, each once; those of decoding where fewer are of showing."""
    packets = [{"pts_time": at, "dts_time": at} for at in ("0.2", "0.1", "0.1")]
    assert packet_times_s(packets) == [0.1, 0.2]
    assert packet_times_s([{"pts_time": "0.0", "dts_time": "0"}, {"dts_time": "0.04"}]) == [0.0, 0.04]
    assert packet_times_s([{"pts_time": "N/A"}]) == []


@pytest.mark.parametrize(
    ("times_s", "said", "ticks", "expected"),
    [
        (EVEN, 25.0, 25.0, False),
        (EVEN, 25.0, 50.0, False),
        (EVEN, 25.0, 90_000.0, False),
        (EVEN, 20.0, 25.0, True),
        (EVEN, 25.0, 30.0, True),
        (EVEN, None, None, False),
        ([round(at / 30, 3) for at in range(300)], 30.0, 30.0, False),
        ([0, *(at / 25 + 0.06 for at in range(14))], 24.1, 25.0, False),
        ([0, 0.04, 0.08, 0.2, 0.24], 20.0, 25.0, True),
        (EVEN[:10], 24.0, 25.0, False),
        ([0.0], 25.0, 25.0, False),
        ([], None, None, False),
    ],
)
def test_variable(times_s: list[float], said: float | None, ticks: float | None, *, expected: bool) -> None:
    """Steps differ by more than rounding, or the rest of the film goes at another rate than its beginning."""
    assert is_variable(times_s, said=said, ticks=ticks) is expected


def test_pictures_that_were_put_off() -> None:
    """Among the last that were read are gaps, which are filled by such as were not."""
    times_s = [*EVEN[:-8], *(at / 25 for at in range(300, 316, 2))]
    assert is_even(times_s)
    assert not are_all(times_s)


@pytest.mark.parametrize(
    ("said", "rate"),
    [("25/1", 25.0), ("30000/1001", 29.97), ("0/0", None), ("90000/1", None), ("-1/1", None), (None, None)],
)
def test_rates(said: str | None, rate: float | None) -> None:
    """A container's clock is none."""
    assert usable_rate(said) == (pytest.approx(rate, abs=0.001) if rate else None)


def test_rates_of_times() -> None:
    """The first frame may wait for the sound, and does not count."""
    assert rate_of([0, 0.5, 0.54, 0.58]) == pytest.approx(25)
    assert rate_of([0, 0.04]) == pytest.approx(25)
    assert rate_of([0]) is None
    assert same_rate(29.97, 30)
    assert not same_rate(24, 25)


@pytest.mark.parametrize(
    ("lines", "packets", "seconds"),
    [
        (["0.0,0.0,0.04", "0.08,0.04,0.04", "0.04,0.08,0.04"], 3, 0.12),
        (["N/A,1.0,0.5", "N/A,1.5,N/A"], 2, 0.5),
        (["0.021"], 1, 0.0),
        (["N/A", ""], 2, math.inf),
        ([], 0, math.inf),
    ],
)
def test_measuring(lines: list[str], packets: int, seconds: float) -> None:
    """From the first that is shown to the last one's end, whatever their order."""
    measure = Measure()
    for line in lines:
        assert measure.take(line)
    assert measure.packets == packets
    assert measure.seconds == pytest.approx(seconds)


@given(st.text(max_size=20))
def test_any_line(line: str) -> None:
    """No word makes a number that is none."""
    measure = Measure()
    measure.take(line)
    read = number(line)
    assert read is None or math.isfinite(read)
