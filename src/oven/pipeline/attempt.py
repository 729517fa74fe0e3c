"""One attempt at a job, of any kind: its recipe's steps, until none is left."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Any

import anyio
from anyio.streams.memory import MemoryObjectSendStream

from oven.domain.errors import Code, OvenError, TransientError
from oven.domain.job import Job
from oven.pipeline.bench import Bench
from oven.pipeline.digest import identity, step_digest
from oven.pipeline.perform import perform
from oven.pipeline.ports import Tools
from oven.pipeline.progress import Progress
from oven.pipeline.staging import Staging
from oven.pipeline.trace import DONE, REUSED, Trace
from oven.pipeline.workspaces import Workspace
from oven.recipes.plan import Artifact, Limits, Outcome, Recipe, Result
from oven.recipes.steps import Step

# Takes what is about to appear; raises where the attempt may no longer publish.
Confirm = Callable[[Artifact], Awaitable[None]]
# Takes the progress of the whole job whenever it changes; called on the event loop.
Watch = Callable[[Progress], None]


async def attempt(
    job: Job,
    recipe: Recipe[Any],
    *,
    tools: Tools,
    workspace: Workspace,
    limits: Limits,
    watch: Watch,
    trace: Trace,
    confirm: Confirm,
) -> Outcome:
    """Carry a job from its request to its outcome.

    Steps that an earlier attempt finished, and whose files still stand, are not done again.
    The result has a member more than the recipe gave it, `steps`: what was done, and when.

    Raises:
        OvenError: why the job failed, with the phase in which it did as `stage`.

    """
    request = recipe.read(job.request)
    run = _Run(
        tools=tools,
        workspace=workspace,
        progress=Progress(recipe.phases),
        watch=watch,
        trace=trace,
        confirm=confirm,
        staging=Staging(storage=tools.storage, files=tools.files),
    )
    async with run.staging.open():
        outcome = await _carry(recipe, request, run, limits)
    if outcome.result is None:
        return outcome
    # What is decided knows no clock: the times are told beside it.
    return replace(outcome, result={**outcome.result, "steps": trace.spans()})


async def _carry(recipe: Recipe[Any], request: Any, run: "_Run", limits: Limits) -> Outcome:
    failure: OvenError | None = None
    started: set[str] = set()
    answers, inbox = anyio.create_memory_object_stream[tuple[Step, Result | OvenError]](1)
    async with answers, inbox, anyio.create_task_group() as group:
        while failure is None:
            try:
                # Elsewhere: of a tape of many frames there is much to decide, and the loop answers people.
                ready = await anyio.to_thread.run_sync(recipe.next_steps, request, run.results, limits)
            except Exception as error:  # noqa: BLE001 - see _told
                failure = _at(_told(error), run.progress.phase)
                break
            for step in ready:
                if step.name not in started:
                    started.add(step.name)
                    group.start_soon(run.carry_out, step, answers)
            if len(started) == len(run.results):
                break
            step, answer = await inbox.receive()
            if not isinstance(answer, OvenError):
                run.results[step.name] = answer
            elif step.optional:
                run.results[step.name] = {"error": answer.as_json()}
            else:
                failure = _at(answer, step.phase)
        group.cancel_scope.cancel()
    # A task group would wrap it: raised outside.
    if failure is not None:
        raise failure
    return await anyio.to_thread.run_sync(recipe.finish, request, run.results, limits)


async def unfenced(_: Artifact) -> None:
    """Confirm every publication, where there is nobody else who could have the job."""


@dataclass(slots=True, kw_only=True)
class _Run:
    """Carries out steps side by side and keeps what they gave."""

    tools: Tools
    workspace: Workspace
    progress: Progress
    watch: Watch
    trace: Trace
    confirm: Confirm
    staging: Staging
    results: dict[str, Result] = field(default_factory=dict)
    identities: dict[str, str] = field(default_factory=dict)

    async def carry_out(
        self, step: Step, answers: MemoryObjectSendStream[tuple[Step, Result | OvenError]]
    ) -> None:
        answer: Result | OvenError
        self._report(step, 0.0)
        self.trace.begin(step)
        try:
            answer, outcome = await self._result(step)
            self.trace.end(step, outcome)
            self._report(step, 1.0)
        except Exception as error:  # noqa: BLE001 - see _told
            answer = _told(error)
            self.trace.end(step, answer.code)
        await answers.send((step, answer))

    async def _result(self, step: Step) -> tuple[Result, str]:
        digest = step_digest(step, self.identities, self.tools.versions)
        result, outcome = await self.workspace.recall(step.name, digest), REUSED
        if result is None:
            outcome = DONE
            folder = await self.workspace.begin(step.name)
            bench = Bench(
                folder=folder,
                workspace=self.workspace,
                report=lambda fraction, speed=None: self._report(step, fraction, speed),
                say=self.trace.say,
                confirm=self.confirm,
                staging=self.staging,
                span=lambda name: self.trace.span(step, name),
                hold=lambda wanted_bytes: self._hold(step, wanted_bytes),
            )
            async with bench.hold(step.resident_bytes):
                result = await perform(step, self.tools, bench)
            await self.workspace.keep(step.name, digest, result)
        self.identities[step.name] = identity(digest, result)
        return result, outcome

    def _hold(self, step: Step, wanted_bytes: int) -> AbstractAsyncContextManager[None]:
        """Hold memory for a step; where it has to wait, the trace tells so, and no limit of it runs."""
        budget = self.tools.budget
        if budget.exceeds(wanted_bytes):
            said = (
                f"{step.name} may hold {wanted_bytes:,} bytes, more than there are for all: it works alone\n"
            )
            self.trace.say(said)
        return budget.hold(wanted_bytes, lambda: self.trace.span(step, "memory"))

    def _report(self, step: Step, fraction: float, speed: float | None = None) -> None:
        before = self.progress.live
        self.progress.update(step, fraction, speed)
        if self.progress.live != before:
            self.watch(self.progress)


def _told(error: Exception) -> OvenError:
    """Give an error of Oven's: what nobody foresaw ends the attempt, not whoever runs it.

    It may have been the surroundings, too few file descriptors for example, so it is tried again.
    """
    if isinstance(error, OvenError):
        return error
    told = TransientError(Code.INTERNAL, "something went wrong inside Oven", detail=repr(error))
    told.__cause__ = error
    return told


def _at(error: OvenError, phase: str) -> OvenError:
    error.stage = phase
    return error
