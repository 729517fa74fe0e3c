"""What a bake takes beside its encode: from the POST to the callback, and the bare command, in turn."""

import statistics
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiohttp

from benchmarks import bake_ways
from benchmarks.children import measured
from benchmarks.tapes import record
from tests.daemons import Daemon, running_daemon
from tests.site import Site, running_site

KIND, SCALE = "phone", 3
ROUNDS = 7
# Bare, too, and within this of it, a bake is to end.
MOST_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Baked:
    """One job: seconds from its POST to its callback, and its steps as (began, took) in seconds since."""

    seconds: float
    steps: dict[str, tuple[float, float]]


async def measure() -> None:
    """Bake and encode in turn, several rounds, and print what the one takes above the other, and where."""
    baked, bare = [], []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        tape = record(folder, KIND)
        encode = await bake_ways.encode(tape, folder / "encode", SCALE)
        async with running_site() as site, aiohttp.ClientSession() as client:
            site.files[f"/{KIND}.zip"] = tape.file.read_bytes()
            with running_daemon(folder / "data", OVEN_REUSE="false") as daemon:
                # Whatever is only made once is made before.
                await _bake(daemon, site, client, 0)
                for number in range(1, ROUNDS + 1):
                    baked.append(await _bake(daemon, site, client, number))
                    bare.append(measured(encode.words, encode.folder)[0].wall_s)
    _print(baked, bare)


async def _bake(daemon: Daemon, site: Site, client: aiohttp.ClientSession, number: int) -> Baked:
    body = site.ask(f"{KIND}-{number}", zipUrl=f"{site.base}/{KIND}.zip")
    began, posted = time.perf_counter(), time.time()
    async with client.post(f"{daemon.base}/bake", json=body) as answer:
        job = (await answer.json())["jobId"]
    await site.wait_for(number + 1)
    seconds, called = time.perf_counter() - began, time.time()
    async with client.get(f"{daemon.base}/v1/jobs/{job}/timeline") as answer:
        timeline = await answer.json()
    (attempt,) = timeline["attempts"]
    if attempt["endedAs"] != "done":
        raise RuntimeError(f"the tape did not become a film: {attempt}")
    steps = {
        step["name"]: (_instant(step["startedAt"]) - posted, step["seconds"]) for step in attempt["steps"]
    }
    first = _instant(attempt["startedAt"]) - posted
    last = _instant(attempt["endedAt"]) - posted
    around = {"(until it begins)": (0.0, first), "(until the callback)": (last, called - posted - last)}
    return Baked(seconds=seconds, steps=around | steps)


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _print(baked: list[Baked], bare: list[float]) -> None:
    print(f"{KIND}: POST → callback, and the same encode bare, seconds, medians of {len(baked)} rounds")
    above = [one.seconds - alone for one, alone in zip(baked, bare, strict=True)]
    # Under others' load the encode of a daemon, which lets others go first, is no measure of the bare one.
    beside = [one.seconds - one.steps["encode"][1] for one in baked]
    rows = (
        ("bake", [one.seconds for one in baked]),
        ("bare encode", bare),
        ("difference", above),
        ("outside the encode", beside),
    )
    for name, column in rows:
        print(f"{name:<24}{statistics.median(column):>7.3f}  ({min(column):.3f} to {max(column):.3f})")
    print(f"{'must be at most':<24}{MOST_S:>7.3f}\n")
    print(f"{'step':<24}{'began':>7}{'took':>7}")
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in baked:
        for name, times in one.steps.items():
            found[name].append(times)
    medians = {
        name: [statistics.median(column) for column in zip(*times, strict=True)]
        for name, times in found.items()
    }
    for name, (began, took) in sorted(medians.items(), key=lambda row: row[1][0]):
        print(f"{name:<24}{began:>7.3f}{took:>7.3f}")
