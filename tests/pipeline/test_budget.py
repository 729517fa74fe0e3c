"""The memory that children share: in turn, never more than there is, given back by whoever leaves."""

from collections.abc import Iterator
from contextlib import contextmanager

import anyio
import anyio.abc
import anyio.lowlevel
import pytest
from anyio import wait_all_tasks_blocked
from hypothesis import given
from hypothesis import settings as example_settings
from hypothesis import strategies as st

from oven.pipeline.budget import Budget


class Holder:
    """One who asks for memory, and holds it until told to leave."""

    def __init__(self, budget: Budget, group: anyio.abc.TaskGroup, wanted_bytes: int) -> None:
        self.budget, self.wanted_bytes = budget, wanted_bytes
        self.holds, self.has_waited = False, False
        self.leave, self.scope = anyio.Event(), anyio.CancelScope()
        group.start_soon(self._run)

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        self.has_waited = True
        yield

    async def _run(self) -> None:
        with self.scope:
            async with self.budget.hold(self.wanted_bytes, self._waiting):
                self.holds = True
                await self.leave.wait()
        self.holds = False


async def test_side_by_side_as_far_as_there_is_room() -> None:
    """What fits runs at once; the next waits, and is told to; then it comes to its turn."""
    budget = Budget(total_bytes=10)
    async with anyio.create_task_group() as group:
        first, second, third = (Holder(budget, group, size) for size in (4, 6, 1))
        await wait_all_tasks_blocked()
        assert [each.holds for each in (first, second, third)] == [True, True, False]
        assert (budget.held_bytes, budget.waiting) == (10, 1)
        first.leave.set()
        await wait_all_tasks_blocked()
        assert (third.holds, third.has_waited, second.has_waited) == (True, True, False)
        assert (budget.held_bytes, budget.waiting) == (7, 0)
        group.cancel_scope.cancel()
    assert budget.held_bytes == 0


async def test_a_large_one_is_not_starved() -> None:
    """Small ones that come later wait behind it, though they would fit."""
    budget = Budget(total_bytes=10)
    async with anyio.create_task_group() as group:
        first, large, small = (Holder(budget, group, size) for size in (4, 8, 1))
        await wait_all_tasks_blocked()
        assert [each.holds for each in (first, large, small)] == [True, False, False]
        first.leave.set()
        await wait_all_tasks_blocked()
        assert [each.holds for each in (large, small)] == [True, True]
        group.cancel_scope.cancel()


async def test_more_than_there_is() -> None:
    """Has all of it, alone."""
    budget = Budget(total_bytes=10)
    assert budget.exceeds(11)
    assert not budget.exceeds(10)
    async with anyio.create_task_group() as group:
        huge, small = Holder(budget, group, 99), Holder(budget, group, 1)
        await wait_all_tasks_blocked()
        assert [each.holds for each in (huge, small)] == [True, False]
        huge.leave.set()
        await wait_all_tasks_blocked()
        assert small.holds
        group.cancel_scope.cancel()


async def test_who_is_cancelled_leaves_the_line() -> None:
    """And whoever stood behind comes to their turn at once."""
    budget = Budget(total_bytes=10)
    async with anyio.create_task_group() as group:
        first, large, small = (Holder(budget, group, size) for size in (4, 8, 1))
        await wait_all_tasks_blocked()
        large.scope.cancel()
        await wait_all_tasks_blocked()
        assert [each.holds for each in (first, large, small)] == [True, False, True]
        assert budget.held_bytes == 5
        group.cancel_scope.cancel()


async def test_cancelled_as_the_turn_comes() -> None:
    """What came at the same moment is given back."""
    budget = Budget(total_bytes=10)
    async with anyio.create_task_group() as group:
        first, second = Holder(budget, group, 10), Holder(budget, group, 10)
        await wait_all_tasks_blocked()
        first.leave.set()
        while budget.waiting:
            await anyio.lowlevel.checkpoint()
        second.scope.cancel()
        await wait_all_tasks_blocked()
        assert budget.held_bytes == 0


async def test_an_error_gives_back() -> None:
    """As leaving does."""
    budget = Budget(total_bytes=10)
    with pytest.raises(ValueError, match="x"):
        async with budget.hold(7):
            raise ValueError("x")
    assert budget.held_bytes == 0


async def test_what_needs_none_waits_for_nobody() -> None:
    """However long the line; nor does anybody where there is no total."""
    budget = Budget(total_bytes=10)
    async with budget.hold(10), budget.hold(0):
        assert budget.held_bytes == 10
    endless = Budget()
    async with endless.hold(1 << 60), endless.hold(1 << 60):
        assert not endless.exceeds(1 << 60)


@example_settings(max_examples=40)
@given(
    total=st.integers(1, 12),
    wanted=st.lists(st.integers(1, 15), max_size=9),
    moves=st.lists(st.tuples(st.booleans(), st.integers(0, 8)), max_size=20),
)
def test_any_schedule(total: int, wanted: list[int], moves: list[tuple[bool, int]]) -> None:
    """Never more than there is; turns come in order; nobody waits for room that there is; all come to an end.

    `moves` are who leaves, or is cancelled, in which order; the rest leave as soon as they can.
    """

    async def play() -> None:
        budget = Budget(total_bytes=total)
        async with anyio.create_task_group() as group:
            holders = [Holder(budget, group, size) for size in wanted]
            gone: set[Holder] = set()
            for is_cancelled, number in moves:
                await wait_all_tasks_blocked()
                _check(budget, [each for each in holders if each not in gone])
                if number < len(holders):
                    mover = holders[number]
                    if is_cancelled:
                        mover.scope.cancel()
                        gone.add(mover)
                    elif mover.holds:
                        mover.leave.set()
                        gone.add(mover)
            for each in holders:
                each.leave.set()
            await wait_all_tasks_blocked()
            assert not any(each.holds for each in holders)
        assert (budget.held_bytes, budget.waiting) == (0, 0)

    anyio.run(play)


def _check(budget: Budget, there: list[Holder]) -> None:
    assert budget.total_bytes is not None
    held = sum(min(each.wanted_bytes, budget.total_bytes) for each in there if each.holds)
    assert budget.held_bytes == held <= budget.total_bytes
    # Who came first has it first.
    assert [each.holds for each in there] == sorted((each.holds for each in there), reverse=True)
    waiting = [each for each in there if not each.holds]
    assert budget.waiting == len(waiting)
    if waiting:
        assert held + min(waiting[0].wanted_bytes, budget.total_bytes) > budget.total_bytes
