"""What one machine does: tapes a minute, how long each waits, and the memory of all that runs at once."""

import itertools
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import anyio

from benchmarks.memory import watching
from benchmarks.tapes import USUAL, write_tape
from tests.daemons import Daemon, running_daemon
from tests.site import Site, running_site

# So many tapes are posted at once, as after a show.
TAPES = 12
AT_ONCE = (1, 2, 3)
# A film as phones make them, and what is asked of it: what runs beside bakes where all slots are taken.
FILM = "testsrc2=size=1920x1080:rate=25:duration=30,noise=alls=12:allf=t"
FILM_SECONDS = 30
JOB_S = 600
MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Tapes a minute, seconds from the POST to the callback, and resident bytes of all at most."""

    name: str
    a_minute: float
    seconds: list[float]
    peak: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A daemon, and the site that asks it."""

    daemon: Daemon
    site: Site
    client: aiohttp.ClientSession

    async def ask(self, method: str, path: str, **options: Any) -> Any:
        async with self.client.request(method, self.daemon.base + path, **options) as answer:
            said = await answer.json(content_type=None)
            if answer.status >= 400:
                raise RuntimeError(f"{method} {path}: {said}")
            return said

    async def ended(self, path: str, name: str, wanted: str) -> Any:
        """Ask until something has come to its end, which has to be a good one."""
        with anyio.fail_after(JOB_S):
            while True:
                said = await self.ask("GET", path)
                if said[name] in {"failed", "FAILED"}:
                    raise RuntimeError(f"{path}: {said}")
                if said[name] == wanted:
                    return said
                await anyio.sleep(0.2)


async def measure() -> None:
    """Bake twelve tapes of each kind, one, two and three at once; then all kinds of jobs together."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tapes = {f"/{kind}.zip": write_tape(folder, kind).read_bytes() for kind in USUAL}
        for kind, at_once in itertools.product(USUAL, AT_ONCE):
            data = folder / f"{kind}-{at_once}"
            async with scene_of(data, tapes, OVEN_CONCURRENCY=str(at_once)) as scene:
                rows.append(await _bake_all(scene, kind, f"{kind}, {at_once} at once"))
        film = folder / "film.mp4"
        words = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", FILM, "-c:v", "libx264", "-preset", "veryfast"]
        await anyio.run_process([*words, "-pix_fmt", "yuv420p", str(film)])
        tapes["/film.mp4"] = film.read_bytes()
        async with scene_of(folder / "mixed", tapes) as scene:
            rows.append(await _mix(scene))
    print(f"{TAPES} tapes of 8 s posted at once")
    print(f"{'':<38}{'a minute':>9}{'p50 s':>7}{'max s':>7}{'peak MB':>9}")
    for row in rows:
        p50, most = statistics.median(row.seconds), max(row.seconds)
        print(f"{row.name:<38}{row.a_minute:>9.1f}{p50:>7.1f}{most:>7.1f}{row.peak / MIB:>9.0f}")


@asynccontextmanager
async def scene_of(data: Path, files: dict[str, bytes], **settings: str) -> AsyncIterator[Scene]:
    """Start a daemon, and a site that has files for it."""
    async with running_site() as site, aiohttp.ClientSession() as client:
        site.files |= files
        # The same tapes again and again: each is to be made.
        with running_daemon(data, OVEN_REUSE="false", **settings) as daemon:
            yield Scene(daemon=daemon, site=site, client=client)


async def _bake_all(scene: Scene, kind: str, name: str) -> Row:
    began = time.monotonic()
    seconds: list[float] = []
    with watching(scene.daemon.process.pid) as watched:
        for number in range(TAPES):
            body = scene.site.ask(f"{kind}-{number}", zipUrl=f"{scene.site.base}/{kind}.zip")
            await scene.ask("POST", "/bake", json=body)
        for number in range(TAPES):
            await scene.site.wait_for(number + 1, timeout_s=JOB_S)
            seconds.append(time.monotonic() - began)
    failed = [received.body for received in scene.site.received if b'"complete"' not in received.body]
    if failed:
        raise RuntimeError(f"not all became films: {failed[0]!r}")
    return Row(name=name, a_minute=60 * TAPES / seconds[-1], seconds=seconds, peak=watched.all_peak)


async def _mix(scene: Scene) -> Row:
    """Fill every slot that takes processors: two bakes of the largest kind, an export, a short."""
    asset = await scene.ask(
        "POST",
        "/api/v1/media/import-from-url",
        json={"url": f"{scene.site.base}/film.mp4", "name": "film.mp4"},
    )
    await scene.ended(f"/api/v1/media/{asset['id']}", "status", "READY")
    body = {"start_s": 0, "end_s": FILM_SECONDS}
    cut = await scene.ask("POST", f"/v1/videos/{asset['id']}/scenes", json=body)
    transcode = {"type": "transcode", "options": {"resolution": "1280x720"}}
    with watching(scene.daemon.process.pid) as watched:
        how = {"aspect_ratio_strategy": "blur", "output_quality": "high"}
        short = await scene.ask("POST", f"/v1/scenes/{cut['id']}/export-short", json=how)
        wish = {"videoId": asset["id"], "operations": [transcode]}
        export = await scene.ask("POST", "/api/exports", json=wish)
        row = await _bake_all(scene, "drawing", "drawing, 2, beside a short and an export")
        await scene.ended(f"/v1/exports/{short['export_id']}", "status", "completed")
        await scene.ended(f"/api/exports/{export['id']}", "status", "completed")
    return Row(name=row.name, a_minute=row.a_minute, seconds=row.seconds, peak=watched.all_peak)
