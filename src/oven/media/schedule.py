"""When each frame of a tape is shown: variable times laid onto a constant rate."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

# Frames a second that players, phones and social networks all take, slowest first.
RATES = (24, 25, 30, 50, 60)
# A source that runs this little below a rate still counts as that rate: recorders jitter.
RATE_TOLERANCE = 0.97


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Which frame each output slot begins to show.

    Slot `k` covers the time from `k / rate` to `(k + 1) / rate`.
    `shown` holds (frame index, slot), both rising, the first slot always 0;
    a frame stays until the next one's slot, the last one until `slots`.
    """

    rate: Fraction
    slots: int
    shown: tuple[tuple[int, int], ...]
    dropped: int
    largest_start_error_s: float

    @property
    def repeated(self) -> int:
        """How many slots show a frame that an earlier slot showed already."""
        return self.slots - len(self.shown)

    @property
    def duration_s(self) -> float:
        return float(self.slots / self.rate)


def choose_rate(starts_s: Sequence[float], total_s: float) -> Fraction:
    """Give the slowest common rate that keeps up with the median frame of the source.

    Args:
        starts_s: when each frame starts, never falling, the first at 0.
        total_s: when the last frame ends.

    """
    gaps = [later - earlier for earlier, later in pairwise(starts_s)] or [total_s]
    median_gap_s = statistics.median(gaps)
    source_rate = math.inf if median_gap_s <= 0 else 1 / median_gap_s
    fitting = (rate for rate in RATES if rate >= RATE_TOLERANCE * source_rate)
    return Fraction(next(fitting, RATES[-1]))


def plan_schedule(starts_s: Sequence[float], total_s: float, rate: Fraction) -> Schedule:
    """Lay frames onto slots of a constant rate, each as near to its time as a slot can be.

    Starts are rounded from cumulative time, so that error never accumulates: a shown frame starts at
    most half a slot from its time, and the whole is at most one slot longer or shorter than `total_s`.
    Of several frames that fall into one slot the last is shown; the others are dropped.

    Args:
        starts_s: when each frame starts, never falling, the first at 0; at least one.
        total_s: when the last frame ends, not before its start.
        rate: output frames a second.

    """
    slot_of = [math.floor(start * rate + 0.5) for start in starts_s]
    total_slots = float(total_s * rate)
    slots = max(1, math.floor(total_slots + 0.5))
    if slot_of[-1] >= slots and slot_of[-1] + 1 - total_slots <= 1:
        slots = slot_of[-1] + 1
    frame_at = {slot: frame for frame, slot in enumerate(slot_of) if slot < slots}
    shown = tuple((frame, slot) for slot, frame in frame_at.items())
    return Schedule(
        rate=rate,
        slots=slots,
        shown=shown,
        dropped=len(starts_s) - len(shown),
        largest_start_error_s=max(abs(float(slot / rate) - starts_s[frame]) for frame, slot in shown),
    )
