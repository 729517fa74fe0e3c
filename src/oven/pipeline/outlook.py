"""What is to come of jobs: their places in the line, their speeds, and when they will end."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from oven.domain.eta import Learned, remaining_s, wait_s
from oven.domain.job import JobRecord, JobState, Lane, Outlook
from oven.pipeline.line import Line
from oven.pipeline.progress import Live
from oven.recipes.plan import Phase, Recipe


@dataclass(slots=True, kw_only=True)
class Outlooks:
    """Tells of any job from memory alone, however many ask.

    `progress_of` gives a running job's attempt, fresher than the store has it; `learned` is what jobs of each
    kind take.  Each lane has its own line and its own slots.  What waits and what runs is known from what was
    noted, so it may be a moment late.
    """

    book: Mapping[str, Recipe[Any]]
    slots: Mapping[Lane, int]
    now_ms: Callable[[], int]
    progress_of: Callable[[str], Live | None]
    learned: dict[str, Learned] = field(default_factory=dict)
    lines: Mapping[Lane, Line] = field(default_factory=lambda: {lane: Line() for lane in Lane})
    _running: dict[str, JobRecord] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        """How many wait, in all lanes."""
        return sum(sum(line.kinds.values()) for line in self.lines.values())

    def note(self, record: JobRecord) -> None:
        """Take note of a job that has changed; one of a kind that nobody knows stands in no line."""
        if record.kind not in self.book:
            return
        self.lines[self._lane(record.kind)].note(record)
        self._running.pop(record.id, None)
        if record.state is JobState.RUNNING:
            self._running[record.id] = record

    def shown(self, record: JobRecord) -> JobRecord:
        """Give a job that the store has given as it is now, with what is to come of it."""
        live = self.progress_of(record.id) if record.state is JobState.RUNNING else None
        if live is not None:
            record = replace(record, progress=max(live.progress, record.progress), phase=live.phase)
        return replace(record, outlook=self._outlook(record, live))

    def _outlook(self, record: JobRecord, live: Live | None) -> Outlook:
        if record.state.is_final or record.kind not in self.book:
            return Outlook()
        if record.state is JobState.RUNNING:
            return Outlook(speed=live and live.speed, eta_s=_whole(self._running_s(record, live)))
        position = self.lines[self._lane(record.kind)].position(record.accepted)
        return Outlook(position=position, eta_s=_whole(self._waiting_s(record, position)))

    def _running_s(self, record: JobRecord, live: Live | None) -> float | None:
        learned = self.learned.get(record.kind)
        if live is None:
            return None
        phases, progress = self.book[record.kind].phases, max(live.progress, record.progress)
        elapsed_s = max(0, self.now_ms() - live.began_ms) / 1000
        if learned is None:
            return remaining_s(progress, elapsed_s)
        fraction = share_of_phase(phases, live.phase, progress)
        share = learned.share_done([phase.name for phase in phases], live.phase, fraction)
        return remaining_s(share, elapsed_s, learned.total_s(live.frames))

    def _waiting_s(self, record: JobRecord, position: int) -> float | None:
        """Give when a job that waits will have ended; those before it count as the mix of all in its lane."""
        lane = self._lane(record.kind)
        kinds = self.lines[lane].kinds
        if not {record.kind, *kinds} <= self.learned.keys():
            return None
        # Those that have just ended are still noted, but nobody works on them.
        working = [
            (each, live)
            for each in self._running.values()
            if self._lane(each.kind) is lane and (live := self.progress_of(each.id))
        ]
        running = [self._running_s(each, live) for each, live in working]
        if None in running:
            return None
        own_s = self.learned[record.kind].total_s()
        mean_s = sum(self.learned[kind].total_s() * count for kind, count in kinds.items()) / max(
            1, sum(kinds.values())
        )
        ahead_s = sum(filter(None, running)) + (position - 1) * mean_s
        line_s = wait_s(ahead_s, running=len(running), position=position, slots=self.slots[lane])
        return max(line_s, (record.available_ms - self.now_ms()) / 1000) + own_s

    def _lane(self, kind: str) -> Lane:
        return self.book[kind].lane


def share_of_phase(phases: tuple[Phase, ...], phase: str, progress: float) -> float:
    """Give how much of a phase is done, from the progress of the whole; from 0 to 1."""
    total, before = sum(each.weight for each in phases), 0.0
    for each in phases:
        if each.name == phase:
            return min(max((progress * total - before) / each.weight, 0.0), 1.0)
        before += each.weight
    return 0.0


def _whole(seconds: float | None) -> int | None:
    """Round up; what has not ended takes a second more at least."""
    return None if seconds is None else max(1, math.ceil(seconds))
