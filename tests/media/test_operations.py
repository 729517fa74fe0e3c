"""The words of what may be asked of an export."""

import pytest

from oven.media.operations import BEGIN, Moment, OptionError, Trim


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [(Moment(2.5), 2.5), (Moment(50, "%"), 6.0), (Moment(100, "%"), 12.0), (BEGIN, 0.0)],
)
def test_moments(moment: Moment, seconds: float) -> None:
    """Seconds are seconds; percents are of the whole."""
    assert moment.seconds(12.0) == seconds


def test_a_trim_begins_at_the_begin() -> None:
    """Without a start all up to the end is kept."""
    assert Trim(end=Moment(1.0)).start == BEGIN


def test_an_option_that_cannot_be() -> None:
    """Knows whose it is, and what would be right."""
    error = OptionError(2, "timestamps/1", "must be within the result")
    assert (error.index, error.option, error.rule) == (2, "timestamps/1", "must be within the result")
