"""Turns at other hosts."""

from collections import Counter

import anyio
import anyio.lowlevel

from oven.adapters.turns import Turns


async def test_bounds_in_all_and_at_each() -> None:
    """So many at once, so many at each host; nobody is left out, and nothing is kept of hosts."""
    turns, under_way = Turns(3, 2), Counter[str]()
    most, most_at_one, done = 0, 0, 0

    async def visit(host: str) -> None:
        nonlocal most, most_at_one, done
        async with turns.at(host):
            under_way[host] += 1
            most = max(most, under_way.total())
            most_at_one = max(most_at_one, *under_way.values())
            await anyio.sleep(0.001)
            under_way[host] -= 1
            done += 1

    async with anyio.create_task_group() as group:
        for number in range(30):
            group.start_soon(visit, "a" if number < 20 else "b")
    assert (most, most_at_one, done) == (3, 2, 30)
    assert turns._hosts == {}


async def test_a_host_that_hangs() -> None:
    """Holds up its own alone; who is cancelled while waiting leaves nothing behind."""
    turns = Turns(3, 2)

    async def hang() -> None:
        async with turns.at("dead"):
            await anyio.sleep_forever()

    async with anyio.create_task_group() as group:
        for _ in range(9):
            group.start_soon(hang)
        await anyio.lowlevel.checkpoint()
        with anyio.fail_after(1):
            for _ in range(9):
                async with turns.at("alive"):
                    pass
        group.cancel_scope.cancel()
    assert turns._hosts == {}
