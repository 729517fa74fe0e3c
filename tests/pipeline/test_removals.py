"""Removing and publishing of one object, kept apart."""

import anyio
import pytest

from oven.pipeline.removals import Removals
from oven.recipes.steps import Target

HERE, THERE = Target("b", "here"), Target("b", "there")


async def test_who_publishes_waits() -> None:
    """While just that object is being removed, by however many; not longer, however that ends."""
    removals, order = Removals(), list[str]()
    go_on = anyio.Event()

    async def remove(name: str) -> None:
        async with removals.of(HERE):
            order.append(name)
            await go_on.wait()

    async def publish() -> None:
        await removals.over(HERE)
        order.append("published")

    await removals.over(HERE)
    async with anyio.create_task_group() as group:
        group.start_soon(remove, "one")
        await anyio.wait_all_tasks_blocked()
        await removals.over(THERE)
        group.start_soon(remove, "two")
        group.start_soon(publish)
        await anyio.wait_all_tasks_blocked()
        assert order == ["one"]
        go_on.set()
    assert sorted(order) == ["one", "published", "two"]


async def test_a_removal_that_fails() -> None:
    """Holds nobody up."""
    removals = Removals()
    with pytest.raises(ValueError, match="broken"):
        async with removals.of(HERE):
            raise ValueError("broken")
    with anyio.fail_after(1):
        await removals.over(HERE)
