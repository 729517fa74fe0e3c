"""How far a job is: one number that never falls."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from oven.recipes.plan import Phase
from oven.recipes.steps import Encode, Step

# A job whose known steps are all done has to be ended, and may have more to do.
NEARLY = 0.999


class Live(NamedTuple):
    """A running attempt as it is now, which no table knows.

    `speed` is seconds of media encoded in a second, None while nothing is encoded; `frames` is how many the
    output will have, None until that is known; `began_ms` is when the attempt began.
    """

    progress: float = 0.0
    phase: str = ""
    speed: float | None = None
    frames: int | None = None
    began_ms: int = 0


@dataclass(slots=True)
class Progress:
    """Weighs the phases of a recipe; a phase is as far as the slowest of its known steps."""

    phases: Sequence[Phase]
    fraction: float = 0.0
    phase: str = ""
    frames: int | None = None
    _steps: dict[str, dict[str, float]] = field(default_factory=dict)
    _speeds: dict[str, float] = field(default_factory=dict)

    @property
    def live(self) -> Live:
        # Side by side they make as much as all of them.
        speed = sum(self._speeds.values()) if self._speeds else None
        return Live(min(self.fraction, NEARLY), self.phase, speed, self.frames)

    def update(self, step: Step, fraction: float, speed: float | None = None) -> None:
        """Take note of how much of a step is done, from 0 to 1, and how fast it encodes, if it does."""
        self._steps.setdefault(step.phase, {})[step.name] = min(max(fraction, 0.0), 1.0)
        self._speeds.pop(step.name, None)
        if speed is not None:
            self._speeds[step.name] = speed
        if isinstance(step, Encode):
            self.frames = step.frames
        done = 0.0
        for phase in self.phases:
            known = self._steps.get(phase.name)
            done += phase.weight * (min(known.values()) if known else 0.0)
        self.fraction = max(self.fraction, done / sum(phase.weight for phase in self.phases))
        self.phase = self._latest()

    def _latest(self) -> str:
        """Name the furthest phase that has begun."""
        begun = [phase.name for phase in self.phases if phase.name in self._steps]
        return begun[-1] if begun else ""
