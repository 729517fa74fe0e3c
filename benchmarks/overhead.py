"""What a bake takes beside its encode: from the POST to the callback, and the bare command, in turn."""

import shutil
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.children import measured
from benchmarks.tapes import write_tape
from oven import app
from oven.adapters.ffmpeg import Ffmpeg
from oven.adapters.storage.local import LocalStorage
from oven.recipes.tape import TapeRequest
from oven.settings import read_settings
from tests.daemons import Daemon, running_daemon
from tests.site import Site, running_site

KIND = "phone"
ROUNDS = 7
# Bare, too, and within this of it, a bake is to end.
MOST_S = 0.5
PICTURES = "in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copying(Ffmpeg):
    """Keeps what an encode was asked, and a copy of what it was asked about, to be done again."""

    into: Path
    words: list[str] = field(default_factory=list)

    async def encode(self, arguments: Sequence[str], folder: Path, **options: Any) -> float:
        self.words[:] = [self.ffmpeg, *arguments]
        # With the files' times: they are the film's clock.
        shutil.copytree(folder / PICTURES, self.into / PICTURES)
        return await Ffmpeg.encode(self, arguments, folder, **options)


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
        tape = write_tape(folder, KIND)
        words = await _encode_of(tape, folder)
        async with running_site() as site, aiohttp.ClientSession() as client:
            site.files[f"/{KIND}.zip"] = tape.read_bytes()
            with running_daemon(folder / "data") as daemon:
                # Whatever is only made once is made before.
                await _bake(daemon, site, client, 0)
                for number in range(1, ROUNDS + 1):
                    baked.append(await _bake(daemon, site, client, number))
                    bare.append(measured(words, folder)[0].wall_s)
    _print(baked, bare)


async def _encode_of(tape: Path, folder: Path) -> list[str]:
    """Bake a tape once, here, and give the encode's own command, with its pictures in `folder`."""
    settings = read_settings({"TEMP_DIR": str(folder / "work")})
    tools = await app.tools_of(settings, LocalStorage(buckets={"video": folder}))
    found = tools.encoder
    if not isinstance(found, Ffmpeg):
        raise TypeError("encodes are made otherwise now: measure that")
    copying = Copying(
        ffmpeg=found.ffmpeg, ffprobe=found.ffprobe, version=found.version, sandbox=found.sandbox, into=folder
    )
    target = app.local_target("video", folder / "first.mp4")[0]
    tools = replace(tools, encoder=copying)
    await app.bake_with(tools, settings, TapeRequest(path=str(tape), video=target), lambda _: None)
    return copying.words


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
    rows = (("bake", [one.seconds for one in baked]), ("bare encode", bare), ("difference", above))
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
