"""What one attempt did and when, and the end of what its tools said."""

from collections.abc import Callable, Iterable, Iterator, Mapping
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
    began_ms: int = field(init=False)
    steps: dict[str, StepTrace] = field(default_factory=dict)
    log: str = ""

    def __post_init__(self) -> None:
        self.began_ms = self.now_ms()

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

    def spans(self) -> list[Mapping[str, Any]]:
        """Give the steps that have ended, and their parts, as a job's result tells them.

        `startMs` counts from the begin of the attempt.
        """
        return [
            {
                "name": step.name,
                "phase": step.phase,
                "startMs": step.began_ms - self.began_ms,
                "seconds": (step.ended_ms - step.began_ms) / 1000,
                "outcome": step.outcome,
            }
            for step in self.steps.values()
            if step.ended_ms is not None
        ]


def phase_seconds(steps: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Give what each phase took, by steps in JSON: from the begin of its first to the end of its last."""
    began: dict[str, int] = {}
    ended: dict[str, int] = {}
    for step in steps:
        phase = step["phase"]
        began[phase] = min(began.get(phase, step["beganMs"]), step["beganMs"])
        ended[phase] = max(ended.get(phase, 0), step["endedMs"] or step["beganMs"])
    return {phase: max(0, ended[phase] - began[phase]) / 1000 for phase in began}
