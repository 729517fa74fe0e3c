"""What a trim keeps of a source, in seconds."""

import math
from typing import NamedTuple

from oven.media.edit import Cut
from oven.media.operations import CutMode, Moment, OptionError, Trim
from oven.media.source import Source
from oven.media.wish import Said

# Lengths are rounded by whoever tells them: so much beyond the end is the end.
TOLERANCE_S = 0.1
# Of sources that do not tell, in frames a second.
USUAL_RATE = 25.0
WHOLE_PERCENT = 100
# Less is no news.
LEAST_MOVE_S = 0.001


class Span(NamedTuple):
    """What is kept (all of it, where there is no cut), and how long that lasts, above 0."""

    cut: Cut | None
    duration_s: float
    warnings: tuple[str, ...] = ()


def seconds_text(seconds: float) -> str:
    """Write seconds as people do.

    >>> seconds_text(12.5)
    '12.5 s'
    """
    return f"{round(seconds, 3):.10g} s"


def frame_s(source: Source) -> float:
    """Give how long a frame of the source stays, on average."""
    return 1 / (source.rate or USUAL_RATE)


def moment_rule(moment: Moment) -> str | None:
    """Tell what is wrong with a moment of whatever it may be."""
    if not math.isfinite(moment.value) or moment.value < 0:
        return "must be 0 or more"
    if moment.unit == "%" and moment.value > WHOLE_PERCENT:
        return "must be 0% to 100%"
    return None


def settle_cut(source: Source, trim: Said[Trim] | None, key_frame_s: float | None) -> Span:
    """Tell what is kept of the source.

    Args:
        source: what is cut.
        trim: how.
        key_frame_s: where the key frame at or before the trim's start is, once that is known.

    Raises:
        OptionError: it would keep nothing, or what there is not.

    """
    if trim is None:
        if not source.duration_s:
            raise OptionError(0, "", "works on videos that say how long they are; trim this one, to an end")
        return Span(None, source.duration_s)
    asked = trim.value
    start_s = _seconds(source, trim.operation, "start", asked.start)
    end_s, ends = _end_s(source, trim, start_s)
    if source.duration_s and start_s >= source.duration_s:
        raise OptionError(trim.operation, "start", f"must be before the end of the source, {_lasts(source)}")
    if start_s >= end_s:
        raise OptionError(trim.operation, ends, f"must be after the start, {seconds_text(start_s)}")
    if end_s - start_s < frame_s(source) - 1e-6:
        raise OptionError(
            trim.operation, ends, f"must leave a frame at least, {seconds_text(frame_s(source))}"
        )
    if start_s == 0 and end_s == source.duration_s:
        return Span(None, source.duration_s)
    if asked.mode is CutMode.EXACT:
        return Span(Cut(start_s, end_s, CutMode.EXACT), end_s - start_s)
    return _at_key_frame(trim.operation, start_s, end_s, key_frame_s, is_hidden=source.hides_start)


def _at_key_frame(
    index: int, start_s: float, end_s: float, key_frame_s: float | None, *, is_hidden: bool
) -> Span:
    if is_hidden and 0 in {start_s, key_frame_s}:
        raise OptionError(index, "mode", "must be exact: the key frame before the cut is not shown")
    if key_frame_s is None:
        told = f"the film begins at the key frame at or before {seconds_text(start_s)} of the source"
        return Span(Cut(start_s, end_s, CutMode.KEYFRAMES), end_s - start_s, (told,) if start_s else ())
    if key_frame_s >= end_s:
        first = f"the source's first key frame, {seconds_text(key_frame_s)}"
        raise OptionError(index, "mode", f"must be exact, for the cut would end before {first}")
    told = f"the film begins at {seconds_text(key_frame_s)} of the source, where a key frame is"
    moved = abs(key_frame_s - start_s) >= LEAST_MOVE_S
    return Span(Cut(key_frame_s, end_s, CutMode.KEYFRAMES), end_s - key_frame_s, (told,) if moved else ())


def _end_s(source: Source, trim: Said[Trim], start_s: float) -> tuple[float, str]:
    """Give where the cut ends, and the option that says so."""
    asked = trim.value
    if asked.end and asked.duration:
        raise OptionError(trim.operation, "duration", "cannot stand beside end; say one of them")
    if asked.end:
        return _bounded(source, trim.operation, "end", _seconds(source, trim.operation, "end", asked.end))
    if asked.duration:
        lasts_s = _seconds(source, trim.operation, "duration", asked.duration)
        return _bounded(source, trim.operation, "duration", start_s + lasts_s)
    if not source.duration_s:
        raise OptionError(trim.operation, "", "must say an end, for nobody knows how long the source lasts")
    return source.duration_s, "start"


def _bounded(source: Source, index: int, option: str, end_s: float) -> tuple[float, str]:
    whole_s = source.duration_s
    if whole_s and end_s > whole_s + max(TOLERANCE_S, frame_s(source)):
        raise OptionError(index, option, f"must not reach beyond the end of the source, {_lasts(source)}")
    return (min(end_s, whole_s) if whole_s else end_s), option


def _seconds(source: Source, index: int, option: str, moment: Moment) -> float:
    if rule := moment_rule(moment):
        raise OptionError(index, option, rule)
    if moment.unit == "%" and not source.duration_s:
        raise OptionError(index, option, "must be in seconds, for nobody knows how long the source lasts")
    return moment.seconds(source.duration_s)


def _lasts(source: Source) -> str:
    return f"which lasts {seconds_text(source.duration_s)}"
