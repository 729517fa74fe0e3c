"""A file that is still being written."""

import anyio

from oven.pipeline.growing import Growing


async def test_who_reads_waits_for_who_writes() -> None:
    """For as much as was asked for, or for the end."""
    growing = Growing()
    reached: list[int] = []

    async def read() -> None:
        for wanted in (10, 20, 30):
            reached.append(await growing.reach(wanted))  # noqa: PERF401 - one after the other

    async with anyio.create_task_group() as group:
        group.start_soon(read)
        await anyio.wait_all_tasks_blocked()
        growing.grow(9)
        await anyio.wait_all_tasks_blocked()
        assert reached == []
        growing.grow(15)
        await anyio.wait_all_tasks_blocked()
        assert reached == [15]
        growing.grow(25)
        growing.end()
    assert reached == [15, 25, 25]
