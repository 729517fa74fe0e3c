"""The jobs that have changed lately, as they are now: read once, for everybody who watches."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import anyio

from oven.domain.errors import OvenError
from oven.domain.job import JobRecord
from oven.pipeline.pulse import Pulse
from oven.pipeline.service import Service

# Of so many jobs the latest is remembered; who watches another asks the store.
KEPT = 1_000
# After a store that did not answer.
AGAIN_S = 1.0


@dataclass(slots=True, kw_only=True)
class Board:
    """Shows each changed job's latest state; `pulse` beats when something new is shown.

    Nothing is queued for anybody: who is slow sees the latest when they look, and every final state stays
    until a thousand other jobs have changed.
    """

    service: Service
    pulse: Pulse = field(default_factory=Pulse)
    _latest: OrderedDict[str, JobRecord] = field(default_factory=OrderedDict)

    async def follow(self, ended: Callable[[JobRecord], None], *, after: int) -> None:
        """Keep the board up to date until cancelled, and tell of every run that ends.

        Args:
            ended: takes each job as its run has ended, once.
            after: the `seq` of the last change that is known.

        """
        seen = after
        while True:
            try:
                async for record in self.service.watch(after=seen):
                    seen = max(seen, record.seq)
                    self._show(record)
                    if record.state.is_final:
                        ended(record)
            except OvenError:
                await anyio.sleep(AGAIN_S)

    async def look(self, job_id: str, *, owner: str | None) -> JobRecord:
        """Give a job as it is now, to its owner, or to whoever sees all (None).

        Raises:
            NotFoundError: NOT_FOUND.
            TransientError: STORE_UNAVAILABLE.

        """
        shown = self._latest.get(job_id)
        if shown is not None and owner in {None, shown.owner}:
            return shown
        return await self.service.get(job_id, owner=owner)

    def _show(self, record: JobRecord) -> None:
        self._latest[record.id] = record
        self._latest.move_to_end(record.id)
        while len(self._latest) > KEPT:
            self._latest.popitem(last=False)
        self.pulse.beat()
