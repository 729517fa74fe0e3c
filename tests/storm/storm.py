"""Requests by the thousand, made by schemathesis from what Oven says of itself."""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.daemons import Daemon, running_daemon
from tests.storm.narrowing import HOST, narrow

SCHEMATHESIS = str(Path(sys.executable).with_name("schemathesis"))
# What no schema can say: which texts are printable, which key came with another request, who is on loopback.
NOT_ASKED = "positive_data_acceptance,ignored_auth"
SETTINGS = {
    # Nothing that is made up may be reached.
    "OVEN_SOURCE_HOSTS": HOST,
    "OVEN_CALLBACK_HOSTS": HOST,
    "OVEN_EGRESS_ALLOW": "",
    "OVEN_CONCURRENCY": "1",
    # What schemathesis sends it would have to send again later.
    "OVEN_QUEUE_LIMIT": "100000",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """What came of a storm: requests sent, whether all answers were right, and what was said."""

    requests: int
    is_fair: bool
    said: str
    crashes: list[str]


async def storm(folder: Path, *, count: int, seed: int) -> Weather:
    """Send up to `count` requests a route, and more for the edges of what it takes."""
    with running_daemon(folder / "data", **SETTINGS) as daemon:
        jobs = [await _submit(daemon, number) for number in range(3)]
        described = folder / "openapi.json"
        document = narrow(await _document(daemon), jobs, await _cancelled(daemon))
        described.write_text(json.dumps(document))
        command = [SCHEMATHESIS, "run", str(described), "--url", daemon.base, "--seed", str(seed)]
        amount = ["--max-examples", str(count), "--phases", "coverage,fuzzing", "--continue-on-failure"]
        checks = ["--exclude-checks", NOT_ASKED, "--request-timeout", "10", "--no-color", "--warnings", "off"]
        ended = subprocess.run(
            [*command, *amount, *checks], capture_output=True, text=True, check=False, cwd=folder
        )
    found = re.search(r"(\d+) generated", ended.stdout)
    log = (folder / "data.log").read_text()
    return Weather(
        requests=int(found[1]) if found else 0,
        is_fair=ended.returncode == 0,
        said=ended.stdout + ended.stderr,
        crashes=[line for line in log.splitlines() if "crashed" in line],
    )


async def _document(daemon: Daemon) -> dict[str, Any]:
    async with aiohttp.ClientSession() as client, client.get(f"{daemon.base}/openapi.json") as answer:
        document: dict[str, Any] = await answer.json()
        return document


async def _cancelled(daemon: Daemon) -> str:
    """Submit a job, and end it."""
    job = await _submit(daemon, 99)
    async with aiohttp.ClientSession() as client, client.delete(f"{daemon.base}/v1/jobs/{job}") as answer:
        answer.raise_for_status()
    return job


async def _submit(daemon: Daemon, number: int) -> str:
    asked = {
        "mongoId": "m",
        "slug": f"storm-{number}",
        "zipUrl": f"https://{HOST}/{number}.zip",
        "callbackUrl": f"https://{HOST}/done",
        "callbackSecret": "a secret of nobody",
    }
    async with aiohttp.ClientSession() as client, client.post(f"{daemon.base}/bake", json=asked) as answer:
        job: str = (await answer.json())["jobId"]
        return job
