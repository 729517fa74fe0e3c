"""Daemons that are killed while they import, at any moment: the asset comes once, and nothing else stays."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.daemons import running_daemon
from tests.faults.test_imports import keys, settings, store, uploads
from tests.imports import MIB, Importer, clip, importing, padded, running_host
from tests.s3 import S3Server

__all__ = ["store"]

KILLS = 3
SIZE = 17 * MIB
RATE_BYTES_S = 24 * MIB
# As long as an import takes, about: its moments are spread over this.
IMPORT_S = 1.4


def moments(count: int, seed: int) -> list[float]:
    """Give a moment in each of so many equal parts of an import, in seconds."""
    chance = random.Random(seed)
    return [IMPORT_S * (number + chance.random()) / count for number in range(count)]


async def kill_at(moments: list[float], s3: S3Server, store: Any, folder: Path) -> Counter[str]:
    """Begin an import for each moment, kill the daemon then; the next brings it → in which phases it was."""
    data, phases = folder / "data", Counter[str]()
    async with running_host(film_mp4=padded(clip(folder), SIZE)) as host:
        host.rate_bytes_s = RATE_BYTES_S
        for moment in [*moments, None]:
            with running_daemon(data, **settings(s3)) as daemon:
                async with importing(daemon) as ask:
                    _, listed = await ask.ask("GET", "/api/v1/media?limit=100")
                    assets = [asset["id"] for asset in listed["assets"]]
                    for asset_id in assets:
                        await came_once(ask, asset_id)
                    found = Counter(key.rsplit("/", 2)[1] for key in await keys(store))
                    assert found == dict.fromkeys(assets, 2)
                    assert await uploads(store) == []
                    if moment is None:
                        daemon.stop()
                        break
                    status, asset = await ask.post(f"{host.base}/film.mp4")
                    assert status == 202
                    await anyio.sleep(moment)
                    _, job = await ask.ask("GET", f"/v1/jobs/{asset['metadata']['import_job_id']}")
                    daemon.kill()
                    phases[job["phase"] or job["state"]] += 1
    assert not list((data / "work").iterdir())
    assert not list(data.rglob("*.part"))
    return phases


async def came_once(ask: Importer, asset_id: str) -> None:
    """Wait for an asset, which one attempt has brought, of however many."""
    asset = await ask.settled(asset_id)
    assert (asset["status"], asset["size"]) == ("READY", SIZE), asset
    _, timeline = await ask.ask("GET", f"/v1/jobs/{asset['metadata']['import_job_id']}/timeline")
    ends = Counter(attempt["endedAs"] for attempt in timeline["attempts"])
    assert ends["done"] == 1, ends
    assert set(ends) <= {"done", "crashed"}, ends


@pytest.mark.timeout(60)
async def test_one_that_is_killed_at_any_moment(s3: S3Server, store: Any, tmp_path: Path) -> None:
    """Brings each asset once when it is started again, and leaves neither parts, files nor folders."""
    phases = await kill_at(moments(KILLS, seed=7), s3, store, tmp_path)
    assert phases.total() == KILLS
