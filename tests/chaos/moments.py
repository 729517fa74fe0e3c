"""Moments of an export, at which something happens to it."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import anyio

from tests.chaos.scene import Scene, attempts_of
from tests.exports import ENDED, Exporter

# As an export comes to them; it waits in the first.
PHASES = ("queued", "fetch", "inspect", "encode", "verify", "publish")
# The second encode comes after the first is looked at, among what is counted to that phase.
CORRECTION, CORRECTED_IN = "encode-again", "verify"
PLACES = (*PHASES[:-1], CORRECTION, PHASES[-1])


class Moment(NamedTuple):
    """So many seconds after an export has come to a phase."""

    phase: str
    after_s: float


class Span(NamedTuple):
    """From when to when something is done, in seconds since its phase began."""

    begin_s: float
    end_s: float


async def rehearse(scene: Scene, ask: Exporter) -> Mapping[str, Span]:
    """Let an export pass unharmed, to know when it is in which place."""
    export_id = await scene.order(ask)
    assert (await ask.ended(export_id))["status"] == "completed"
    (attempt,) = await attempts_of(ask, export_id)
    steps = {step["name"]: step for step in attempt["steps"]}
    begins = {
        phase: min(_began(step) for step in steps.values() if step["phase"] == phase) for phase in PHASES[1:]
    }
    after = [*list(begins.values())[1:], _ended(steps["publish-video"])]
    spans = {phase: Span(0, end - begins[phase]) for phase, end in zip(begins, after, strict=True)}
    again, since = steps[CORRECTION], begins[CORRECTED_IN]
    return spans | {"queued": Span(0, 0.05), CORRECTION: Span(_began(again) - since, _ended(again) - since)}


def _began(step: dict[str, Any]) -> float:
    return datetime.fromisoformat(step["startedAt"]).timestamp()


def _ended(step: dict[str, Any]) -> float:
    return _began(step) + float(step["seconds"])


def moments(
    spans: Mapping[str, Span], count: int, seed: int, places: Sequence[str] = PLACES
) -> Iterator[Moment]:
    """Give moments in one place after the other, each as likely as any other of its place."""
    chance = random.Random(seed)
    for number in range(count):
        place = places[number % len(places)]
        after_s = chance.uniform(*spans[place])
        yield Moment(CORRECTED_IN if place == CORRECTION else place, after_s)


async def reach(moment: Moment, ask: Exporter, export_id: str) -> None:
    """Wait for a moment, or until an export is past it."""
    behind = PHASES[: PHASES.index(moment.phase)]
    while True:
        _, job = await ask.ask("GET", f"/v1/jobs/{export_id}")
        if job["state"] in ENDED | {"done"} or (job["phase"] or "queued") not in behind:
            break
        await anyio.sleep(0.01)
    await anyio.sleep(moment.after_s)
