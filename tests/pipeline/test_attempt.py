"""Attempts: steps side by side, kept where they are finished, failed once for all."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

import anyio
import pytest

from oven import app
from oven.adapters.storage.local import LocalStorage
from oven.adapters.workspace import FolderWorkspace
from oven.domain.errors import BadInputError, Code, OvenError
from oven.domain.job import Job, JobState
from oven.pipeline.attempt import attempt, unfenced
from oven.pipeline.budget import Budget
from oven.pipeline.ports import Tools
from oven.pipeline.trace import Trace
from oven.recipes.plan import Limits, Outcome, Phase, Recipe, Results
from oven.recipes.steps import ReadJson, Step, TakeLocal
from oven.settings import Settings


@dataclass
class CountingFiles:
    """The real files, counted; `together` are read only once all of them are being read."""

    real: Any
    adopted: list[str] = field(default_factory=list)
    together: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)
    gate: anyio.Event = field(default_factory=anyio.Event)

    async def adopt(self, source: Path, into: Path, *, max_bytes: int) -> Mapping[str, Any]:
        self.adopted.append(source.name)
        if source.name in self.together:
            self.waiting.add(source.name)
            if self.waiting == self.together:
                self.gate.set()
            with anyio.fail_after(5):
                await self.gate.wait()
        result: Mapping[str, Any] = await self.real.adopt(source, into, max_bytes=max_bytes)
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


@dataclass
class Watched:
    """Files whose taking somebody watches."""

    real: Any
    adopt: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


@pytest.fixture
async def tools(settings: Settings, tmp_path: Path) -> Tools:
    real = await app.tools_of(settings, LocalStorage(buckets={"out": tmp_path / "out"}))
    return replace(real, files=CountingFiles(real.files))


def take(tmp_path: Path, name: str, *, optional: bool = False) -> TakeLocal:
    path = str(tmp_path / name)
    return TakeLocal(name=name, phase="fetch", path=path, file="file", max_bytes=100, optional=optional)


def read(name: str) -> ReadJson:
    return ReadJson(
        name=f"read-{name}",
        phase="read",
        source=f"{name}/file",
        label=name,
        code="TIMING_INVALID",
        max_values=99,
    )


def recipe(*steps: tuple[Step, set[str]]) -> Recipe[Any]:
    """Make a recipe of steps, each with the names of those it waits for."""

    def next_steps(_: Any, results: Results, __: Limits) -> tuple[Step, ...]:
        return tuple(step for step, needed in steps if needed <= results.keys())

    def finish(_: Any, results: Results | OvenError, __: Limits) -> Outcome:
        assert not isinstance(results, OvenError)
        return Outcome(state=JobState.DONE, result=dict(results))

    return Recipe(
        kind="test",
        phases=(Phase("fetch", 1), Phase("read", 1)),
        read=dict,
        next_steps=next_steps,
        finish=finish,
    )


async def run(
    tmp_path: Path,
    made: Recipe[Any],
    tools: Tools,
    limits: Limits,
    *,
    token: str = "t",
    trace: Trace | None = None,
) -> Mapping[str, Any]:
    workspace = FolderWorkspace(tmp_path / "work", job="j", token=token)
    job = Job(id="j", kind="test", request={})
    outcome = await attempt(
        job,
        made,
        tools=tools,
        workspace=workspace,
        limits=limits,
        watch=lambda _: None,
        trace=trace or Trace(now_ms=lambda: 0),
        confirm=unfenced,
    )
    assert outcome.result is not None
    return outcome.result


async def test_steps_feed_one_another(tmp_path: Path, tools: Tools, limits: Limits) -> None:
    """A later step reads what an earlier one made."""
    (tmp_path / "a").write_bytes(b"[1]")
    made = recipe((take(tmp_path, "a"), set()), (read("a"), {"a"}))
    assert (await run(tmp_path, made, tools, limits))["read-a"] == {"value": [1]}


async def test_ready_steps_run_side_by_side(tmp_path: Path, tools: Tools, limits: Limits) -> None:
    """Each of two waits for the other: one after the other would never end."""
    assert isinstance(tools.files, CountingFiles)
    tools.files.together = {"a", "b"}
    for name in "ab":
        (tmp_path / name).write_bytes(b"1")
    made = recipe((take(tmp_path, "a"), set()), (take(tmp_path, "b"), set()))
    assert set(await run(tmp_path, made, tools, limits)) == {"a", "b", "steps"}


async def test_a_second_attempt_does_nothing_twice(tmp_path: Path, tools: Tools, limits: Limits) -> None:
    """What the first one finished stands; what failed is tried again."""
    (tmp_path / "a").write_bytes(b"[1")
    made = recipe((take(tmp_path, "a"), set()), (read("a"), {"a"}))
    for token in ("first", "second"):
        with pytest.raises(BadInputError) as caught:
            await run(tmp_path, made, tools, limits, token=token)
        assert (caught.value.code, caught.value.stage) == (Code.TIMING_INVALID, "read")
    assert isinstance(tools.files, CountingFiles)
    assert tools.files.adopted == ["a"]


async def test_what_was_done_is_traced(tmp_path: Path, tools: Tools, limits: Limits) -> None:
    """Each step with its times and what came of it; what was done before is told apart."""
    (tmp_path / "a").write_bytes(b"[1")
    made = recipe((take(tmp_path, "a"), set()), (read("a"), {"a"}))
    found = []
    for token in ("first", "second"):
        clock = count(0)
        trace = Trace(now_ms=lambda clock=clock: next(clock))  # type: ignore[misc] # a loop's own
        with pytest.raises(BadInputError):
            await run(tmp_path, made, tools, limits, token=token, trace=trace)
        found.append(
            [(step.name, step.began_ms, step.ended_ms, step.outcome) for step in trace.steps.values()]
        )
    failed = ("read-a", 3, 4, "TIMING_INVALID")
    assert found == [[("a", 1, 2, "done"), failed], [("a", 1, 2, "reused"), failed]]


async def test_a_failed_step_stops_its_neighbours(tmp_path: Path, tools: Tools, limits: Limits) -> None:
    """The first error is the job's, raised as itself and not in a group; nobody is waited for."""
    assert isinstance(tools.files, CountingFiles)
    tools.files.together = {"slow", "never"}
    (tmp_path / "slow").write_bytes(b"1")
    made = recipe((take(tmp_path, "slow"), set()), (take(tmp_path, "missing"), set()))
    with anyio.fail_after(4), pytest.raises(BadInputError) as caught:
        await run(tmp_path, made, tools, limits)
    assert (caught.value.code, caught.value.stage) == (Code.NOT_FOUND, "fetch")


async def test_a_failed_optional_step_is_a_result(tmp_path: Path, tools: Tools, limits: Limits) -> None:
    """The recipe sees the error and goes on."""
    (tmp_path / "a").write_bytes(b"1")
    made = recipe((take(tmp_path, "missing", optional=True), set()), (take(tmp_path, "a"), {"missing"}))
    results = await run(tmp_path, made, tools, limits)
    assert results["missing"]["error"]["code"] == "NOT_FOUND"
    assert "sha256" in results["a"]


async def test_a_recipe_may_refuse(tmp_path: Path, tools: Tools, limits: Limits) -> None:
    """An error of a decision fails the job like one of a step, with the phase it was in."""

    def next_steps(_: Any, results: Results, __: Limits) -> tuple[Step, ...]:
        if results:
            raise BadInputError(Code.NO_FRAMES, "none")
        return (take(tmp_path, "a"),)

    (tmp_path / "a").write_bytes(b"1")
    with pytest.raises(BadInputError) as caught:
        await run(tmp_path, replace(recipe(), next_steps=next_steps), tools, limits)
    assert (caught.value.code, caught.value.stage) == (Code.NO_FRAMES, "fetch")


async def test_a_defect_of_ours_is_an_internal_error(tmp_path: Path, tools: Tools, limits: Limits) -> None:
    """In a step or in a decision; the message says nothing of it, the detail does."""
    in_a_step = recipe((read("nobody"), set()))

    def next_steps(_: Any, __: Results, ___: Limits) -> tuple[Step, ...]:
        raise KeyError("nobody")

    in_a_decision = replace(recipe(), next_steps=next_steps)
    for made in (in_a_step, in_a_decision):
        with pytest.raises(OvenError) as caught:
            await run(tmp_path, made, tools, limits)
        assert caught.value.code is Code.INTERNAL
        assert "nobody" not in caught.value.message
        assert "nobody" in caught.value.detail


async def test_cancelling_ends_it(tmp_path: Path, tools: Tools, limits: Limits) -> None:
    """The caller's cancellation reaches the steps."""
    assert isinstance(tools.files, CountingFiles)
    tools.files.together = {"a", "never"}
    (tmp_path / "a").write_bytes(b"1")
    with anyio.move_on_after(0.2) as scope:
        await run(tmp_path, recipe((take(tmp_path, "a"), set())), tools, limits)
    assert scope.cancelled_caught


def weighed(tmp_path: Path, name: str, size_bytes: int) -> TakeLocal:
    return replace(take(tmp_path, name), resident_bytes=size_bytes)


async def test_steps_run_one_by_one_where_memory_is_short(
    tmp_path: Path, tools: Tools, limits: Limits
) -> None:
    """The second waits until the first has given back what it held, and its trace tells so."""
    assert isinstance(tools.files, CountingFiles)
    budget = Budget(total_bytes=10)
    held: list[int] = []
    adopt = tools.files.real.adopt

    async def watched(*about: Any, **more: Any) -> Any:
        held.append(budget.held_bytes)
        if budget.held_bytes and len(set(held) - {0}) == 1:
            with anyio.fail_after(5):
                while not budget.waiting:
                    await anyio.sleep(0.01)
        return await adopt(*about, **more)

    tools.files.real = Watched(tools.files.real, watched)
    for name in "abc":
        (tmp_path / name).write_bytes(b"1")
    made = recipe(
        (weighed(tmp_path, "a", 6), set()), (weighed(tmp_path, "b", 7), set()), (take(tmp_path, "c"), set())
    )
    trace = Trace(now_ms=lambda: 0)
    await run(tmp_path, made, replace(tools, budget=budget), limits, trace=trace)
    assert sorted(set(held) - {0}) == [6, 7]
    assert [name for name in trace.steps if "." in name] in (["b.memory"], ["a.memory"])
    assert budget.held_bytes == 0
    assert trace.log == ""


async def test_steps_run_side_by_side_where_memory_is_there(
    tmp_path: Path, tools: Tools, limits: Limits
) -> None:
    """Each of two waits for the other, and none for memory."""
    assert isinstance(tools.files, CountingFiles)
    tools.files.together = {"a", "b"}
    for name in "ab":
        (tmp_path / name).write_bytes(b"1")
    made = recipe((weighed(tmp_path, "a", 6), set()), (weighed(tmp_path, "b", 7), set()))
    trace = Trace(now_ms=lambda: 0)
    await run(tmp_path, made, replace(tools, budget=Budget(total_bytes=13)), limits, trace=trace)
    assert set(trace.steps) == {"a", "b"}


async def test_a_step_that_is_too_large_for_all(tmp_path: Path, tools: Tools, limits: Limits) -> None:
    """Is done nevertheless, and the log says that it worked alone."""
    (tmp_path / "a").write_bytes(b"1")
    trace = Trace(now_ms=lambda: 0)
    made = recipe((weighed(tmp_path, "a", 1_234), set()))
    await run(tmp_path, made, replace(tools, budget=Budget(total_bytes=10)), limits, trace=trace)
    assert trace.log == "a may hold 1,234 bytes, more than there are for all: it works alone\n"


async def test_a_failed_step_gives_its_memory_back(tmp_path: Path, tools: Tools, limits: Limits) -> None:
    """As one does that ends well."""
    budget = Budget(total_bytes=10)
    made = recipe((weighed(tmp_path, "missing", 6), set()))
    with pytest.raises(OvenError):
        await run(tmp_path, made, replace(tools, budget=budget), limits)
    assert budget.held_bytes == 0
