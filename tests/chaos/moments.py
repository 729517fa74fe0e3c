"""Moments of an export, at which something happens to it."""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import anyio

from tests.chaos.scene import Scene, attempts_of
from tests.exports import Exporter

QUEUED = "queued"
# What is done to the film, in this order; others of its steps are done beside these.
STEPS = (
    "take",
    "probe",
    "encode",
    "measure-encode",
    "encode-again",
    "measure-encode-again",
    "decode",
    "publish-thumbnail-1.jpg",
    "publish-video",
)
PLACES = (QUEUED, *STEPS)


class Moment(NamedTuple):
    """So many seconds after an export has begun a step, or after it was queued behind another."""

    place: str
    after_s: float


async def rehearse(scene: Scene, ask: Exporter) -> Mapping[str, float]:
    """Let a first export pass unharmed → how many seconds it is in each place."""
    if scene.seconds:
        return scene.seconds
    export_id = await scene.order(ask)
    assert (await ask.ended(export_id))["status"] == "completed"
    (attempt,) = await attempts_of(ask, export_id)
    seconds = {step["name"]: float(step["seconds"]) for step in attempt["steps"]}
    scene.seconds = {QUEUED: 0.1} | {step: seconds[step] for step in STEPS}
    return scene.seconds


def moments(
    seconds: Mapping[str, float], count: int, seed: int, places: Sequence[str] = PLACES
) -> Iterator[Moment]:
    """Give moments in one place after the other, each as likely as any other of its place."""
    chance = random.Random(seed)
    for number in range(count):
        place = places[number % len(places)]
        yield Moment(place, chance.random() * seconds[place])


async def reach(moment: Moment, scene: Scene, export_id: str) -> None:
    """Wait for a moment, or until an export is past it."""
    if moment.place != QUEUED:
        due, folder = {*STEPS[STEPS.index(moment.place) :]}, scene.folder(export_id)
        with anyio.fail_after(50):
            while not folder.exists():
                await anyio.sleep(0.002)
            while folder.exists() and due.isdisjoint(scene.steps_now(export_id)):
                await anyio.sleep(0.002)
    await anyio.sleep(moment.after_s)
