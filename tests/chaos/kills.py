"""Daemons that are killed while they export, at any moment: the next one makes each export once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.adapters.test_process import is_running
from tests.chaos.moments import PLACES, QUEUED, Moment, moments, reach, rehearse
from tests.chaos.scene import Scene, attempts_of, gone, made_by, stop
from tests.exports import Exporter


@dataclass(slots=True, kw_only=True)
class Kills:
    """What was seen: in which steps daemons were killed, and how many exports came.

    `reused` are steps that were done before a kill, and not again after it; `made` is what all have made.
    """

    steps: Counter[str] = field(default_factory=Counter)
    completed: int = 0
    reused: int = 0
    made: set[str] = field(default_factory=set)


async def kill_at_moments(scene: Scene, *, count: int, seed: int, places: Sequence[str] = PLACES) -> Kills:
    """Kill so many daemons, each while it works on an order of its own; start the next, which ends it.

    Raises:
        AssertionError: an export did not come, or more than it.
        TimeoutError: something of a daemon was still there after 2 s.

    """
    seen, waiting = Kills(), list[str]()
    when = list[Moment]()
    for number in range(count + 1):
        async with scene.daemon() as ask:
            if not number:
                when = [*moments(await rehearse(scene, ask), count, seed, places)]
                seen.made = await scene.keys()
            for export_id in waiting:
                await _came_once(scene, ask, export_id, seen)
            assert await scene.keys() == seen.made
            await gone(lambda: list((scene.data / "work").iterdir()) or ask.daemon.children)
            if number < count:
                waiting = await _kill(scene, ask, when[number], seen)
            else:
                await stop(ask)
    assert scene.rests() == []
    return seen


async def _kill(scene: Scene, ask: Exporter, moment: Moment, seen: Kills) -> list[str]:
    """Kill a daemon at a moment of an order; of two orders where the last one waits → the orders."""
    orders = [await scene.order(ask) for _ in range(2 if moment.place == QUEUED else 1)]
    await reach(moment, scene, orders[-1])
    children = ask.daemon.children
    seen.steps[min(scene.steps_now(orders[-1]), default="none")] += 1
    ask.daemon.kill()
    await gone(lambda: any(map(is_running, children)))
    return orders


async def _came_once(scene: Scene, ask: Exporter, export_id: str, seen: Kills) -> None:
    """Wait for an export, which one attempt has made, of however many."""
    export = await ask.ended(export_id)
    assert (export["status"], export["jobStatus"]["progress"]) == ("completed", 100), export
    attempts = await attempts_of(ask, export_id)
    ends = Counter(attempt["endedAs"] for attempt in attempts)
    assert ends["done"] == 1, ends
    assert set(ends) <= {"done", "crashed"}, ends
    assert (await scene.told(export_id))["status"] == "complete"
    seen.reused += sum(step["outcome"] == "reused" for step in attempts[-1]["steps"])
    seen.completed += 1
    seen.made |= made_by(export)
