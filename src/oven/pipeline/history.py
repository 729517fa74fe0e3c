"""What jobs took that ended well: read from the table, for the outlook on others."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio

from oven.domain.errors import OvenError
from oven.domain.eta import Run, learn
from oven.domain.job import JobRecord, JobState
from oven.pipeline.attempts import Attempts, Steps
from oven.pipeline.outlook import Outlooks
from oven.pipeline.trace import REUSED, phase_seconds

# Of each kind so many are learned from.
RUNS = 30
# However many jobs end, what they took is read no more often than that.
EVERY_S = 1.0


@dataclass(slots=True, kw_only=True)
class History:
    """Keeps what the outlooks have learned up to date."""

    attempts: Attempts
    outlooks: Outlooks
    _ended: set[str] = field(default_factory=set)
    _wake: anyio.Event = field(default_factory=anyio.Event)

    def hear(self, record: JobRecord) -> None:
        """Take note of a run that has ended well."""
        if record.state is JobState.DONE:
            self._ended.add(record.kind)
            self._wake.set()

    async def run(self) -> None:
        """Learn from what has ended, and from what ends, until cancelled."""
        self._ended |= set(self.outlooks.book)
        while True:
            self._wake = anyio.Event()
            for kind in sorted(self._ended):
                # Before it is read: what ends meanwhile is for the next round.
                self._ended.discard(kind)
                try:
                    await self._learn(kind)
                except OvenError:
                    # The store does not answer: with the next round, too.
                    self._ended.add(kind)
            with anyio.move_on_after(EVERY_S if self._ended else None):
                await self._wake.wait()
            await anyio.sleep(EVERY_S)

    async def _learn(self, kind: str) -> None:
        done = await self.attempts.latest_done(kind, limit=RUNS)
        learned = learn(run for steps, result in done if (run := run_of(steps, result)))
        if learned is not None:
            self.outlooks.learned[kind] = learned


def run_of(steps: Steps, result: Mapping[str, Any]) -> Run | None:
    """Give what an attempt took; None where an earlier one, or another job, had done some of its work."""
    if result.get("reused") or any(step["outcome"] == REUSED for step in steps):
        return None
    # Of tapes it is told of the whole, of films where they were proved.
    frames = result.get("frames") or (result.get("verification") or {}).get("frames")
    return Run(phase_seconds(steps), frames)
