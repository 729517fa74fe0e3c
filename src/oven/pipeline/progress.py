"""How far a job is: one number that never falls."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from oven.recipes.plan import Phase, Step


@dataclass(slots=True)
class Progress:
    """Weighs the phases of a recipe; a phase is as far as the mean of its known steps."""

    phases: Sequence[Phase]
    fraction: float = 0.0
    phase: str = ""
    _steps: dict[str, dict[str, float]] = field(default_factory=dict)

    def update(self, step: Step, fraction: float) -> None:
        """Take note of how much of a step is done, from 0 to 1."""
        self._steps.setdefault(step.phase, {})[step.name] = min(max(fraction, 0.0), 1.0)
        done = 0.0
        for phase in self.phases:
            known = self._steps.get(phase.name)
            done += phase.weight * (sum(known.values()) / len(known) if known else 0.0)
        self.fraction = max(self.fraction, done / sum(phase.weight for phase in self.phases))
        self.phase = self._latest()

    def _latest(self) -> str:
        """Name the furthest phase that has begun."""
        begun = [phase.name for phase in self.phases if phase.name in self._steps]
        return begun[-1] if begun else ""
