"""How long a submission takes to be answered: with small jobs; with three large encodes, or imports, too."""

import itertools
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import anyio
import numpy as np
from PIL import Image

from benchmarks.imports import running_bench, settings
from benchmarks.wires import running_wires
from tests.daemons import Daemon, running_daemon
from tests.imports import Importer
from tests.site import Site, running_site
from tests.tapes import png, write_zip

CLIENTS = 5
POSTS_EACH = 60
ENCODES = 3
IMPORTS = 3
IMPORT_BYTES = 100_000_000
# The same tape again and again: each is to be made.
ANEW = {"OVEN_REUSE": "false"}
# Megabytes a second: down of each, up of all.
WIRES: Mapping[str, Mapping[str, float]] = {
    f"{IMPORTS} imports, 20 MB/s": {"down": 20, "up": 60},
    f"{IMPORTS} imports, no bounds": {},
}
# So long imports run before it counts.
WARM_S = 1.0
# Large enough for three encodes to run for longer than the posts take.
WIDTH, HEIGHT, SCALE, FRAMES = 320, 240, 12, 300


async def measure() -> None:
    """Post from five clients at once, each a new job a post, and print the times in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        async with running_site() as site, aiohttp.ClientSession() as client:
            site.files |= {
                "/large.zip": _tape(Path(folder), WIDTH, HEIGHT, FRAMES),
                "/small.zip": _tape(Path(folder), 64, 64, 6),
            }
            idle, start = await _idle(Path(folder) / "idle", site, client)
            busy = await _busy(Path(folder) / "busy", site, client)
            importing = [(name, await _importing(site, client, **rates)) for name, rates in WIRES.items()]
    rows = [("small jobs", idle), (f"{ENCODES} encodes", busy), *importing]
    _print("POST /bake → 202", rows, f"{CLIENTS} clients at once")
    _print("202 → attempt, → ffmpeg", start, "a free slot, a tape of 6 frames on loopback")


async def _idle(
    data: Path, site: Site, client: aiohttp.ClientSession
) -> tuple[list[float], list[tuple[str, list[float]]]]:
    settings = {"OVEN_QUEUE_LIMIT": "1000", "OVEN_CONCURRENCY": "1", **ANEW}
    with running_daemon(data, **settings) as daemon:
        began: dict[str, list[float]] = {"attempt": [], "ffmpeg": []}
        for number in range(20):
            job_id = await _post(daemon, site, client, f"single-{number}")
            await site.wait_for(number + 1)
            async with client.get(f"{daemon.base}/v1/jobs/{job_id}/timeline") as answer:
                timeline = await answer.json()
            (attempt,) = timeline["attempts"]
            encode = next(step for step in attempt["steps"] if step["name"] == "encode")
            for name, at in (("attempt", attempt["startedAt"]), ("ffmpeg", encode["startedAt"])):
                began[name].append(1000 * (_instant(at) - _instant(timeline["acceptedAt"])))
        return await _post_all(daemon, site, client, "idle"), list(began.items())


async def _busy(data: Path, site: Site, client: aiohttp.ClientSession) -> list[float]:
    settings = {"OVEN_QUEUE_LIMIT": "1000", "OVEN_CONCURRENCY": str(ENCODES), **ANEW}
    with running_daemon(data, **settings) as daemon:
        for number in range(ENCODES):
            await _post(daemon, site, client, f"large-{number}", "large")
        phases = await _phases(daemon, client)
        while phases != ["encode"] * ENCODES:
            await anyio.sleep(0.05)
            phases = await _phases(daemon, client)
        times = await _post_all(daemon, site, client, "busy")
        if await _phases(daemon, client) != ["encode"] * ENCODES:
            raise RuntimeError("the encodes ended before the posts: nothing was measured")
    return times


async def _importing(site: Site, client: aiohttp.ClientSession, **rates: float) -> list[float]:
    """Post small jobs beside imports at such rates, one after the other in each."""
    async with running_bench() as bench, anyio.create_task_group() as group:
        with (
            running_wires(bench.film(IMPORT_BYTES), bench.s3.endpoint, **rates) as wires,
            running_daemon(
                bench.folder / "busy",
                OVEN_QUEUE_LIMIT="1000",
                OVEN_CONCURRENCY="1",
                **ANEW,
                **settings(wires.store_url),
            ) as daemon,
        ):
            ask = Importer(daemon, client)
            begun = anyio.Event()

            async def keep_importing(number: int) -> None:
                for count in itertools.count():
                    # The same again would be the same asset.
                    _, asset = await ask.post(f"{wires.file_url}?{number}-{count}")
                    begun.set()
                    await ask.settled(asset["id"])
                    await client.delete(f"{daemon.base}/api/v1/media/{asset['id']}")

            for number in range(IMPORTS):
                group.start_soon(keep_importing, number)
            await begun.wait()
            await anyio.sleep(WARM_S)
            times = await _post_all(daemon, site, client, "importing")
            group.cancel_scope.cancel()
    return times


async def _phases(daemon: Daemon, client: aiohttp.ClientSession) -> list[str]:
    async with client.get(f"{daemon.base}/v1/jobs?state=running") as answer:
        return [job["phase"] for job in (await answer.json())["jobs"]]


async def _post_all(daemon: Daemon, site: Site, client: aiohttp.ClientSession, name: str) -> list[float]:
    times: list[float] = []

    async def post(number: int) -> None:
        for count in range(POSTS_EACH):
            began = time.perf_counter()
            await _post(daemon, site, client, f"{name}-{number}-{count}")
            times.append(1000 * (time.perf_counter() - began))

    async with anyio.create_task_group() as group:
        for number in range(CLIENTS):
            group.start_soon(post, number)
    return times


async def _post(
    daemon: Daemon, site: Site, client: aiohttp.ClientSession, slug: str, tape: str = "small"
) -> str:
    body = site.ask(slug, zipUrl=f"{site.base}/{tape}.zip")
    if tape == "large":
        body["metadata"] = {"scaledSize": [WIDTH * SCALE, HEIGHT * SCALE]}
    async with client.post(f"{daemon.base}/bake", json=body) as answer:
        said: dict[str, Any] = await answer.json(content_type=None)
        if answer.status != 202:
            raise RuntimeError(f"refused: {said}")
        return str(said["jobId"])


def _tape(folder: Path, width: int, height: int, frames: int) -> bytes:
    """Make a tape of moving noise, which is slow to encode."""
    noise = np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)
    entries = {
        f"frame-{number:05}.png": png(Image.fromarray(np.roll(noise, number, axis=1)))
        for number in range(frames)
    }
    return write_zip(folder / "tape.zip", entries).read_bytes()


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _print(title: str, rows: Sequence[tuple[str, Sequence[float]]], note: str) -> None:
    print(f"{title} ({note})")
    print(f"{'':<20}{'count':>7}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}")
    for name, times in rows:
        p99 = statistics.quantiles(times, n=100, method="inclusive")[98]
        print(f"{name:<20}{len(times):>7}{statistics.median(times):>9.1f}{p99:>9.1f}{max(times):>9.1f}")
