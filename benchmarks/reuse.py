"""What it saves to copy what was made before: from the POST to the callback, and in time of processors."""

import os
import statistics
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

import aiohttp
import orjson

from benchmarks.tapes import USUAL, write_tape
from oven.adapters.storage.s3 import open_s3
from tests.daemons import Daemon, running_daemon
from tests.s3 import ACCESS_KEY, SECRET_KEY, S3Server, running_s3
from tests.site import Site, running_site

ROUNDS = 5
BUCKET = "benchmark"
WAYS = ("made", "copied", "the same again")


async def measure() -> None:
    """Have each tape made anew, copied to a new address and to its own, in turn; print medians."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        (folder / "s3").mkdir()
        server = stack.enter_context(running_s3(folder / "s3"))
        stores = {"this machine": {}, "S3 on loopback": await _bucket(server)}
        print(f"POST → callback, {ROUNDS} rounds in turn, medians: ms, and ms of processors")
        print(f"{'':<28}" + "".join(f"{way:>22}" for way in WAYS))
        for store, settings in stores.items():
            with running_daemon(folder / store.replace(" ", "-"), **settings) as daemon:
                for kind in USUAL:
                    tape = write_tape(folder, kind).read_bytes()
                    walls, cpus = await _rounds(daemon, kind, tape)
                    told = [f"{_median(walls[way])}, {_median(cpus[way])}" for way in WAYS]
                    print(f"{f'{kind}, {store}':<28}" + "".join(f"{each:>22}" for each in told))


def _median(values: list[float]) -> str:
    return f"{statistics.median(values):.0f}"


async def _bucket(server: S3Server) -> dict[str, str]:
    """Make a bucket for results → the settings that lead to it."""
    settings = {
        "AT_BLOBS_SPACES_BUCKET": BUCKET,
        "AT_BLOBS_SPACES_KEY": ACCESS_KEY,
        "AT_BLOBS_SPACES_SECRET": SECRET_KEY,
        "AT_BLOBS_SPACES_ENDPOINT": server.endpoint,
    }
    async with open_s3(server.account()) as client:
        await client.create_bucket(Bucket=BUCKET)
    return settings


async def _rounds(
    daemon: Daemon, kind: str, tape: bytes
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    walls: dict[str, list[float]] = defaultdict(list)
    cpus: dict[str, list[float]] = defaultdict(list)
    async with running_site() as site, aiohttp.ClientSession() as client:
        site.files["/tape.zip"] = tape
        # The first of a daemon imports what the others have.
        await _bake(daemon, site, client, f"{kind}-warm")
        for number in range(ROUNDS):
            slugs = {"made": f"{kind}-made-{number}", "copied": f"{kind}-copied-{number}"}
            for way in WAYS:
                slug = slugs.get(way, slugs["copied"])
                began, cpu_ms = time.perf_counter(), _cpu_ms(daemon.process.pid)
                reused = await _bake(daemon, site, client, slug, reuse=way != "made")
                walls[way].append(1000 * (time.perf_counter() - began))
                cpus[way].append(_cpu_ms(daemon.process.pid) - cpu_ms)
                if reused != (way != "made"):
                    raise RuntimeError(f"{slug} was not {way}")
    return walls, cpus


async def _bake(
    daemon: Daemon, site: Site, client: aiohttp.ClientSession, slug: str, *, reuse: bool = False
) -> bool:
    """Have a tape made → whether it was copied."""
    body = site.ask(slug, zipUrl=f"{site.base}/tape.zip", reuse=reuse)
    async with client.post(f"{daemon.base}/bake", json=body) as answer:
        answer.raise_for_status()
    received = (await site.wait_for(len(site.received) + 1))[-1]
    async with client.get(f"{daemon.base}/v1/jobs/{orjson.loads(received.body)['jobId']}") as answer:
        said = await answer.json()
    return said["result"]["reused"] is not None


def _cpu_ms(pid: int) -> float:
    """Give what a process and its ended children have used of processors."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return 1000 * sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
