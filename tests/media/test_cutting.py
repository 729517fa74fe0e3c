"""What a trim keeps."""

from dataclasses import replace

import pytest

from oven.media.cutting import Span, frame_s, seconds_text, settle_cut
from oven.media.edit import Cut
from oven.media.operations import CutMode, Moment, OptionError, Trim
from oven.media.wish import Said
from tests.plans import FILM


def said(**options: object) -> Said[Trim]:
    return Said(Trim(**options), 3, "")  # type: ignore[arg-type]


def test_all_of_it() -> None:
    """Without a trim, or with one that leaves nothing out, nothing is cut."""
    assert settle_cut(FILM, None, None) == settle_cut(FILM, said(), None) == Span(None, 10.0)


def test_an_end_that_is_rounded() -> None:
    """A tenth of a second beyond the end, or a frame where that is longer, is the end."""
    assert settle_cut(FILM, said(start=Moment(1.0), end=Moment(10.1)), None).duration_s == 9.0
    slow = replace(FILM, rate=2.0)
    assert settle_cut(slow, said(start=Moment(1.0), end=Moment(10.5)), None).duration_s == 9.0
    with pytest.raises(OptionError, match="which lasts 10 s"):
        settle_cut(slow, said(start=Moment(1.0), end=Moment(10.6)), None)


def test_a_key_frame_after_the_start() -> None:
    """Where the first comes late, the film begins with it."""
    trim = said(end=Moment(3.0), mode=CutMode.KEYFRAMES)
    span = settle_cut(FILM, trim, 0.5)
    assert span.cut == Cut(0.5, 3.0, CutMode.KEYFRAMES)
    assert span.duration_s == 2.5


def test_words() -> None:
    """Seconds as people write them; a frame of a film that does not tell is one of 25."""
    assert seconds_text(12.3456) == "12.346 s"
    assert frame_s(replace(FILM, rate=None)) == 0.04
