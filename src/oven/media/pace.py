"""How the frames of a film follow one another, by the times of its packets, and by what it says."""

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Any

from oven.media.source_argv import FIRST_PACKETS

# Beyond this a rate is a container's clock, and none of frames.
MAX_RATE = 1_000
# Of the last packets some are shown after such as were not read; H.264 and H.265 put off 16 at most.
REORDERED = 16
# Containers round to ticks, of a millisecond at most; a frame may be off by one on either side.
TICK_S = 0.0021
# A step that differs by more than this from the others is no rounding.
UNEVEN = 0.1
# Rates that differ by less are one.
SAME_RATE = 0.02


def packet_times_s(packets: Iterable[Mapping[str, Any]]) -> list[float]:
    """Give when packets are to be shown, in seconds, ascending, each instant once.

    Where a file has fewer of such, as AVI, those of decoding.
    """
    packets = list(packets)
    shown, decoded = (_instants(packets, member) for member in ("pts_time", "dts_time"))
    return sorted(decoded if len(decoded) > len(shown) else shown)


def is_variable(times_s: Sequence[float], *, said: float | None, ticks: float | None) -> bool:
    """Tell whether frames do not follow one another evenly.

    Args:
        times_s: when the first frames are shown, ascending; the very first may wait for the sound.
        said: the average rate of the whole.
        ticks: ffprobe's guess of the lowest rate that all frames would fit; for fields it is twice as high.

    """
    if not is_even(times_s):
        return True
    # Few frames tell all themselves: an average over so few is bent by the last one's length.
    if are_all(times_s) or not said:
        return False
    seen = rate_of(times_s)
    if seen and not same_rate(said, seen):
        return True
    return bool(ticks and ticks <= MAX_RATE and not (same_rate(said, ticks) or same_rate(2 * said, ticks)))


def is_even(times_s: Sequence[float]) -> bool:
    """Tell whether these times, ascending, stand as far from one another as clocks of containers allow."""
    known = times_s if are_all(times_s) else times_s[:-REORDERED]
    steps_s = [later - earlier for earlier, later in pairwise(known[1:])]
    usual_s = median(steps_s) if steps_s else 0
    return all(abs(step_s - usual_s) <= max(TICK_S, UNEVEN * usual_s) for step_s in steps_s)


def are_all(times_s: Sequence[float]) -> bool:
    """Tell whether a stream has no more packets than the first that were read."""
    return len(times_s) < FIRST_PACKETS - REORDERED


def usable_rate(value: object) -> float | None:
    """Read one of ffprobe's rates, such as "30000/1001"; None where it is none of frames."""
    try:
        rate = float(Fraction(str(value)))
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return rate if 0 < rate <= MAX_RATE else None


def rate_of(times_s: Sequence[float]) -> float | None:
    """Give the average rate of frames that are shown at these times, ascending; None of too few.

    The very first may wait for the sound, and does not count where there are enough.
    """
    known = times_s[1:] if len(times_s) > 2 else times_s  # noqa: PLR2004
    if len(known) < 2:  # noqa: PLR2004
        return None
    return usable_rate((len(known) - 1) / (known[-1] - known[0]))


def number(value: object) -> float | None:
    """Read one of ffprobe's decimal strings; None where it does not know."""
    try:
        read = float(str(value))
    except ValueError:
        return None
    return read if math.isfinite(read) else None


class Measure:
    """All packets of a stream, a line each of pts, dts and duration: how many, and from when to when."""

    def __init__(self) -> None:
        self.packets = 0
        self._start_s = math.inf
        self._end_s = -math.inf

    @property
    def seconds(self) -> float:
        """From the first packet's begin to the last one's end; infinite where there is none with a time."""
        return round(self._end_s - self._start_s, 6) if self._end_s >= self._start_s else math.inf

    def take(self, line: str) -> bool:
        """Take a packet."""
        words = [number(word) for word in (*line.split(","), "", "", "")]
        at, lasts = words[1] if words[0] is None else words[0], words[2]
        self.packets += 1
        if at is not None:
            self._start_s = min(self._start_s, at)
            self._end_s = max(self._end_s, at + (lasts or 0))
        return True


def same_rate(one: float, other: float) -> bool:
    """Tell whether two rates differ by no more than what they are rounded by."""
    return math.isclose(one, other, rel_tol=SAME_RATE)


def _instants(packets: Iterable[Mapping[str, Any]], member: str) -> set[float]:
    return {round(at, 6) for packet in packets if (at := number(packet.get(member))) is not None}
