"""Exports that are cancelled at any moment: nothing of them stays, and their callers are told."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.chaos.moments import PLACES, QUEUED, moments, reach, rehearse
from tests.chaos.scene import Scene, attempts_of, gone, made_by, stop
from tests.exports import EXPORTS, Exporter


@dataclass(slots=True, kw_only=True)
class Cancels:
    """What was seen: how many were cancelled during which step, and how long anything of one was there.

    `made` is what those have made that had gone too far to be cancelled.
    """

    steps: Counter[str] = field(default_factory=Counter)
    too_late: int = 0
    slowest_s: float = 0.0
    made: set[str] = field(default_factory=set)


async def cancel_at_moments(
    scene: Scene, *, count: int, seed: int, places: Sequence[str] = PLACES
) -> Cancels:
    """Cancel so many exports in places of all kinds, one after the other.

    Raises:
        AssertionError: what an export was said to be was not so.
        TimeoutError: something of one was still there after 2 s.

    """
    seen = Cancels()
    async with scene.daemon() as ask:
        seconds = await rehearse(scene, ask)
        seen.made = await scene.keys()
        for moment in moments(seconds, count, seed, places):
            first = await scene.order(ask) if moment.place == QUEUED else None
            export_id = await scene.order(ask)
            await reach(moment, scene, export_id)
            await _cancel(scene, ask, export_id, seen, is_alone=first is None)
            if first is not None:
                await ask.ask("DELETE", f"{EXPORTS}/{first}")
            await gone(lambda: ask.daemon.children)
        assert await scene.keys() == seen.made
        await stop(ask)
    assert scene.rests() == []
    return seen


async def _cancel(scene: Scene, ask: Exporter, export_id: str, seen: Cancels, *, is_alone: bool) -> None:
    """Cancel an export, and see that it is, or that it was too late."""
    status, answer = await ask.ask("DELETE", f"{EXPORTS}/{export_id}")
    began = time.monotonic()
    if status == 409:
        assert answer["code"] == "JOB_CONFLICT"
        export = await ask.ended(export_id)
        assert (export["status"], (await scene.told(export_id))["status"]) == ("completed", "complete")
        seen.made |= made_by(export)
        seen.too_late += 1
        return
    assert (status, answer["status"], answer["error"]["code"]) == (200, "cancelled", "CANCELLED")
    await gone(lambda: scene.folder(export_id).exists() or (is_alone and ask.daemon.children))
    seen.slowest_s = max(seen.slowest_s, time.monotonic() - began)
    seen.steps[await _step(ask, export_id)] += 1
    told = await scene.told(export_id)
    assert (told["status"], told["errorCode"], told["videoId"]) == ("error", "CANCELLED", scene.film)
    assert await ask.ask("GET", f"{EXPORTS}/{export_id}") == (200, answer)


async def _step(ask: Exporter, export_id: str) -> str:
    """Name what was being done when an export ended."""
    attempts = await attempts_of(ask, export_id)
    if not attempts:
        return QUEUED
    return next((step["name"] for step in attempts[-1]["steps"] if step["outcome"] is None), "in between")
