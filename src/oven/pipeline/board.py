"""The jobs that have changed lately, as they are now: read once, for everybody who watches."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import anyio

from oven.domain.errors import Code, NotFoundError, OvenError
from oven.domain.job import WAITING, JobRecord, JobState
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
    until a thousand other jobs have changed.  Whoever looks again and again asks the store once.
    """

    service: Service
    pulse: Pulse = field(default_factory=Pulse)
    _latest: OrderedDict[str, JobRecord] = field(default_factory=OrderedDict)

    async def follow(self, *heard: Callable[[JobRecord], None], after: int) -> None:
        """Keep the board up to date until cancelled, and tell of all that is new on it.

        Args:
            heard: each takes every job that waits in the beginning, and every one that changes, as it does;
                each run that ends, once as it has ended, unless the next one follows within a moment.
            after: the `seq` of the last change that is known.

        """
        seen, is_complete = after, False
        while True:
            try:
                if not is_complete:
                    for record in await self.service.jobs.waiting():
                        self._show(record, heard)
                    is_complete = True
                async for record in self.service.watch(after=seen):
                    seen = max(seen, record.seq)
                    self._show(record, heard)
            except OvenError:
                await anyio.sleep(AGAIN_S)

    async def look(self, job_id: str, *, owner: str | None) -> JobRecord:
        """Give a job as it is now, to its owner, or to whoever sees all (None).

        Raises:
            NotFoundError: NOT_FOUND.
            TransientError: STORE_UNAVAILABLE.

        """
        known = self._latest.get(job_id)
        if known is None or known.state.is_final:
            # Of what has ended the next run may have been opened a moment ago.
            known = await self.service.jobs.get(job_id)
        if known is None or owner not in {None, known.owner}:
            raise NotFoundError(Code.NOT_FOUND, "there is no such job")
        # While it was asked for it may have changed, and been shown.
        newer = self._latest.get(job_id, known)
        shown = self.shown(newer if newer.seq >= known.seq else known)
        self._keep(shown)
        return shown

    async def until_settled(self, job_id: str, *, owner: str | None, limit_s: float) -> JobRecord:
        """Wait until a job has ended, or has to be tried again, or so long → how it stands then.

        Raises:
            NotFoundError: NOT_FOUND.
            TransientError: STORE_UNAVAILABLE.

        """
        beat = self.pulse.next
        record = await self.look(job_id, owner=owner)
        with anyio.move_on_after(limit_s):
            while not (record.state.is_final or record.state is JobState.RETRYING):
                await beat.wait()
                beat = self.pulse.next
                record = await self.look(job_id, owner=owner)
        return record

    def shown(self, record: JobRecord) -> JobRecord:
        """Give a job that was heard of as it is now, with what is to come of it."""
        return self.service.outlooks.shown(record)

    def _show(self, record: JobRecord, heard: Sequence[Callable[[JobRecord], None]]) -> None:
        known = self._latest.get(record.id)
        is_same = known is not None and (known.run, known.attempt) == (record.run, record.attempt)
        if known is not None and is_same and record.state not in WAITING:
            # The store knows of progress only now and then, and what was shown must not fall.
            record = replace(record, progress=max(known.progress, record.progress))
        self.service.outlooks.note(record)
        self._keep(record)
        self._latest.move_to_end(record.id)
        for hear in heard:
            hear(record)
        self.pulse.beat()

    def _keep(self, record: JobRecord) -> None:
        self._latest[record.id] = record
        while len(self._latest) > KEPT:
            self._latest.popitem(last=False)
