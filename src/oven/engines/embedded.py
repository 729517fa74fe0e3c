"""The embedded engine: attempts as tasks of one process, the job table as its queue."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio
import structlog
from anyio.abc import TaskGroup

from oven.domain.errors import Code, OvenError, TransientError
from oven.domain.job import JobRecord, Lane
from oven.engines.endings import Endings
from oven.engines.recovery import Recovery
from oven.engines.running import Running, free_kinds
from oven.pipeline.attempt import attempt
from oven.pipeline.attempts import Attempts
from oven.pipeline.jobs import Jobs
from oven.pipeline.persist import persist
from oven.pipeline.ports import Tools
from oven.pipeline.progress import Live, Progress
from oven.pipeline.removals import Removals
from oven.pipeline.trace import Trace
from oven.pipeline.workspaces import WorkFolders
from oven.recipes.plan import Artifact, Limits, Outcome, Recipe

LEASE_MS = 30_000
BEAT_S = 5.0
SWEEP_S = 10.0
# The engine looks for jobs once a sweep at least.
STALLED_MS = 30_000
# How long killed attempts get to write that they were handed back.
HAND_BACK_S = 5.0

log = structlog.get_logger("oven.jobs")


@dataclass(slots=True, kw_only=True)
class EmbeddedEngine:
    """Runs attempts side by side, up to `slots` in each lane.

    A full lane holds up no other: jobs are claimed in the order of their acceptance, but those of full lanes
    are left in the table.
    Every waiting job is a committed row, so nothing is lost with this object: what it holds is a view.
    It is the only engine on its table, so when it starts every running row is a dead attempt's.
    """

    jobs: Jobs
    attempts: Attempts
    tools: Tools
    folders: WorkFolders
    removals: Removals
    recovery: Recovery
    book: Mapping[str, Recipe[Any]]
    limits: Limits
    endings: Endings
    slots: Mapping[Lane, int]
    drain_s: float
    now_ms: Callable[[], int]
    new_token: Callable[[], str]
    moved: Callable[[], None]
    running: dict[str, Running] = field(default_factory=dict)
    is_draining: bool = False
    is_hurried: bool = False
    is_claiming: bool = False
    # When jobs were last looked for; 0 before the first time.
    looked_ms: int = 0
    _wake: anyio.Event = field(default_factory=anyio.Event)

    def wake(self) -> None:
        """Look at the table now: something may be there to run."""
        self._wake.set()

    def interrupt(self, job_id: str) -> None:
        """Stop the attempt at a job that has ended otherwise."""
        if found := self.running.get(job_id):
            found.is_lost = True
            found.scope.cancel()

    def progress_of(self, job_id: str) -> Live | None:
        """Tell how far a running job is, fresher than the table does."""
        found = self.running.get(job_id)
        return None if found is None else found.live._replace(began_ms=found.began_ms)

    async def check(self) -> None:
        """Look whether jobs are being taken.

        Raises:
            TransientError: SHUTTING_DOWN, ENGINE_STALLED.

        """
        if self.is_draining:
            raise TransientError(Code.SHUTTING_DOWN, "this Oven is shutting down")
        if self.looked_ms and self.now_ms() - self.looked_ms > STALLED_MS:
            raise TransientError(Code.ENGINE_STALLED, "no job has been looked for for a while")

    async def run(self) -> None:
        """Run jobs until cancelled or drained; what an earlier process left must have been recovered."""
        self.looked_ms = self.now_ms()
        async with anyio.create_task_group() as group:
            group.start_soon(self._sweep)
            await self._dispatch(group)
            group.cancel_scope.cancel()

    async def drain(self) -> None:
        """Take nothing new; let what runs end, and hand back what does not in `drain_s` seconds.

        Nor is it waited for once `is_hurried`.
        """
        self.is_draining = True
        self.wake()
        await self._until_idle(self.drain_s, unless_hurried=True)
        for found in self.running.values():
            found.scope.cancel()
        await self._until_idle(HAND_BACK_S)

    async def _until_idle(self, limit_s: float, *, unless_hurried: bool = False) -> None:
        with anyio.move_on_after(limit_s):
            # Attempts end for many reasons.
            while (self.running or self.is_claiming) and not (unless_hurried and self.is_hurried):  # noqa: ASYNC110
                await anyio.sleep(0.02)

    async def _dispatch(self, group: TaskGroup) -> None:
        while not (self.is_draining and not self.running):
            self.looked_ms = self.now_ms()
            record = None
            if not self.is_draining and (kinds := self._free_kinds()):
                record = await self._claim(kinds)
            if record is None:
                await self._wait()
                continue
            found = Running(
                record=record,
                scope=anyio.CancelScope(),
                began_ms=self.now_ms(),
                trace=Trace(now_ms=self.now_ms),
            )
            self.running[record.id] = found
            group.start_soon(self._attempt, found)

    def _free_kinds(self) -> list[str]:
        return free_kinds(self.book, self.slots, [found.record.kind for found in self.running.values()])

    async def _claim(self, kinds: Collection[str]) -> JobRecord | None:
        """Take the next job of some kinds, but none whose last attempt is still being wound up here."""
        self.is_claiming = True
        try:
            record = await persist(
                lambda: self.jobs.claim(
                    self.new_token(),
                    now_ms=self.now_ms(),
                    lease_ms=LEASE_MS,
                    kinds=kinds,
                    skip=list(self.running),
                )
            )
            if record is not None and self.is_draining:
                # Told to stop in between: it was not begun.
                await persist(lambda: self.jobs.hand_back(record.id, record.token, now_ms=self.now_ms()))
                return None
            return record
        finally:
            self.is_claiming = False

    async def _wait(self) -> None:
        """Wait until woken, or until the next job's time comes.

        One whose time had come when we looked, and that was not claimed, waits for something else.
        """
        wait_s = SWEEP_S
        next_ms = await persist(lambda: self.jobs.next_available_ms(after_ms=self.looked_ms))
        if next_ms is not None:
            wait_s = max(0, next_ms - self.now_ms()) / 1000
        with anyio.move_on_after(min(wait_s, SWEEP_S)):
            await self._wake.wait()
        self._wake = anyio.Event()

    async def _attempt(self, found: Running) -> None:
        record = found.record
        recipe = self.book[record.kind]
        outcome: Outcome | None = None
        failure: OvenError | None = None
        try:
            with found.scope:
                async with anyio.create_task_group() as group:
                    group.start_soon(self._beat, found)
                    try:
                        outcome = await attempt(
                            record.job,
                            recipe,
                            tools=self.tools,
                            workspace=self.folders.workspace(record.id, record.token),
                            limits=self.limits,
                            watch=lambda progress: self._watch(found, progress),
                            trace=found.trace,
                            confirm=lambda artifact: self._confirm(found, artifact),
                        )
                    except OvenError as error:
                        failure = error
                    group.cancel_scope.cancel()
            with anyio.CancelScope(shield=True):
                await self.endings.write(found, recipe, outcome, failure)
        finally:
            self.running.pop(record.id, None)
            self.wake()

    async def _beat(self, found: Running) -> None:
        record = found.record
        while True:
            await anyio.sleep(BEAT_S)
            held = await persist(
                lambda: self.jobs.beat(
                    record.id,
                    record.token,
                    lease_until_ms=self.now_ms() + LEASE_MS,
                    progress=found.live.progress,
                    phase=found.live.phase,
                )
            )
            if not held:
                self.interrupt(record.id)
            await persist(lambda: self.attempts.note(record.token, found.trace))

    async def _confirm(self, found: Running, artifact: Artifact) -> None:
        """Check the fence just before something is published, which no database can fence."""
        record = found.record
        if not await persist(lambda: self.jobs.begin_publishing(record.id, record.token, artifact)):
            self.interrupt(found.record.id)
            raise TransientError(Code.CANCELLED, "another attempt has this job")
        # What was written down above keeps the next removal off; one that has begun is waited for.
        await self.removals.over(artifact.target)

    async def _sweep(self) -> None:
        while True:
            await anyio.sleep(SWEEP_S)
            await self.recovery.sweep(self._token_of)
            self.wake()

    def _token_of(self, job_id: str) -> str | None:
        found = self.running.get(job_id)
        return None if found is None else found.record.token

    def _watch(self, found: Running, progress: Progress) -> None:
        found.live = progress.live
        self.moved()
