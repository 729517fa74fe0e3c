"""What one attempt did and when, and the end of what its tools said."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from oven.recipes.steps import Step

# Of the tools' words the end is kept; that is where the reason stands.
LOG_KEPT_CHARS = 16_384
DONE, REUSED = "done", "reused"
# Of a part of a step that ended with an error, which is the step's.
BROKEN_OFF = "broken off"


@dataclass(slots=True, kw_only=True)
class StepTrace:
    """One step; `outcome` is "done", "reused", or an error's code, and empty while it runs."""

    name: str
    phase: str
    began_ms: int
    ended_ms: int | None = None
    outcome: str = ""


@dataclass(slots=True, kw_only=True)
class Trace:
    """Written by an attempt while it runs; a log of its own for each job."""

    now_ms: Callable[[], int]
    steps: dict[str, StepTrace] = field(default_factory=dict)
    log: str = ""

    def begin(self, step: Step) -> None:
        self.steps[step.name] = StepTrace(name=step.name, phase=step.phase, began_ms=self.now_ms())

    def end(self, step: Step, outcome: str) -> None:
        traced = self.steps[step.name]
        traced.ended_ms, traced.outcome = self.now_ms(), outcome

    @contextmanager
    def span(self, step: Step, name: str) -> Iterator[None]:
        """Take note of a part of a step, such as the upload beside its download."""
        part = StepTrace(name=f"{step.name}.{name}", phase=step.phase, began_ms=self.now_ms())
        self.steps[part.name] = part
        try:
            yield
            part.outcome = DONE
        finally:
            part.ended_ms = self.now_ms()
            part.outcome = part.outcome or BROKEN_OFF

    def say(self, text: str) -> None:
        """Take what a tool said, or how it was called."""
        self.log = (self.log + text)[-LOG_KEPT_CHARS:]

    def steps_json(self) -> list[Mapping[str, Any]]:
        return [
            {
                "name": step.name,
                "phase": step.phase,
                "beganMs": step.began_ms,
                "endedMs": step.ended_ms,
                "outcome": step.outcome,
            }
            for step in self.steps.values()
        ]
