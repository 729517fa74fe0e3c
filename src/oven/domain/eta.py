"""How long a job will still take, learned from runs of its kind that ended well.

Two runs, the older first, each with the seconds of its phases and the frames that it made:

>>> learned = learn([
...     Run({"fetch": 2.0, "encode": 8.0}, frames=100),
...     Run({"fetch": 2.0, "encode": 18.0}, frames=200),
... ])

The newer one counts for a fifth; so a run takes 10 + (20 - 10) / 5 seconds:

>>> learned.total_s(), round(learned.total_s(frames=300), 6)
(12.0, 30.0)

Half way through its encode a run has most of its time behind it, though half of its work:

>>> share = learned.share_done(["fetch", "encode"], "encode", 0.5)
>>> round(share, 6)
0.59

Who is as fast as the others were needs what they needed; who is twice as slow, nearly twice that:

>>> round(remaining_s(share, 0.59 * 12, 12.0), 6), round(remaining_s(share, 2 * 0.59 * 12, 12.0), 6)
(4.92, 7.8228)

Before anything was learned the own pace is all there is, once a little of it was seen:

>>> remaining_s(0.25, 10.0), remaining_s(0.0, 10.0)
(30.0, None)

The fourth in the line of two slots that are taken, with 30 seconds of work ahead of it:

>>> wait_s(30.0, running=2, position=4, slots=2)
15.0
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# What the newest run counts for; the twentieth before it still counts for a hundredth of that.
NEWEST = 0.2
# Of less than that no pace can be told.
LEAST_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Run:
    """One that ended well: its phases' seconds, and how many frames it made where that is known."""

    phases: Mapping[str, float]
    frames: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What runs of one kind take: the mean, in seconds, all in all and a frame; and each phase's share of it.

    Shares are from 0 to 1, and 1 together.
    """

    mean_s: float
    frame_s: float | None
    shares: Mapping[str, float]

    def total_s(self, frames: int | None = None) -> float:
        """Give how long a run takes, in proportion to its frames where they are known."""
        return self.mean_s if frames is None or self.frame_s is None else self.frame_s * frames

    def share_done(self, order: Sequence[str], phase: str, fraction: float) -> float:
        """Give the share of a run's time that is over when so much of a phase is done, from 0 to 1."""
        if phase not in order:
            return 0.0
        before = sum(self.shares.get(name, 0.0) for name in order[: order.index(phase)])
        return min(before + self.shares.get(phase, 0.0) * min(max(fraction, 0.0), 1.0), 1.0)


def learn(runs: Iterable[Run]) -> Learned | None:
    """Learn from runs, the oldest first; the newer one is, the more it counts.  None where there is none."""
    mean_s = frame_s = None
    shares: dict[str, float] = {}
    for run in runs:
        took_s = sum(run.phases.values())
        if took_s <= 0:
            continue
        newest = {name: seconds / took_s for name, seconds in run.phases.items()}
        if mean_s is None:
            shares = newest
        else:
            shares = {name: _mean(shares.get(name, 0.0), newest.get(name, 0.0)) for name in shares | newest}
        mean_s = _mean(mean_s, took_s)
        if run.frames:
            frame_s = _mean(frame_s, took_s / run.frames)
    return None if mean_s is None else Learned(mean_s=mean_s, frame_s=frame_s, shares=shares)


def remaining_s(share: float, elapsed_s: float, total_s: float | None = None) -> float | None:
    """Give how long a run will still take, never negative.

    In the beginning that is what others took, in the end what its own pace says: each counts for what is to
    come and for what is over.  Of r to come and e elapsed, of a total of 1, that is r · r + r · e.

    Args:
        share: how much of its time is over, from 0 to 1, by what was learned; or by its progress.
        elapsed_s: how long it has taken so far, at least 0.
        total_s: how long it should take; None where nothing was learned.

    """
    rest = 1 - share
    if total_s is not None:
        return rest * (rest * total_s + elapsed_s)
    return None if share < LEAST_SHARE else elapsed_s * rest / share


def wait_s(ahead_s: float, *, running: int, position: int, slots: int) -> float:
    """Give how long a job will wait: not at all where a slot is free, else for its share of the work ahead.

    Args:
        ahead_s: the seconds of work ahead of it, of what runs and of what waits before it.
        running: how many run.
        position: its place in the line; 1 is the next.
        slots: how many may run at once.

    """
    return 0.0 if running + position <= slots else ahead_s / slots


def _mean(known: float | None, newest: float) -> float:
    return newest if known is None else known + NEWEST * (newest - known)
