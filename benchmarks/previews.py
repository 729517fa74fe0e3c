"""How long a preview takes from the request to the answer, of a film here and of one in a bucket."""

import os
import statistics
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import anyio

from benchmarks.imports import running_bench, settings
from benchmarks.wires import running_wires
from tests.daemons import running_daemon
from tests.imports import Importer, importing, running_host

ROUNDS = 7
# In seconds; a key frame stands at every tenth.
SCENES: Mapping[str, tuple[float, float]] = {
    "a key frame in it": (5, 55),
    "none, 4 s in the group": (31, 37),
    "none, 8 s in the group": (57, 59),
}


async def measure() -> None:
    """Ask for previews of scenes that differ by a hundredth, and print the medians and the longest."""
    print(f"medians of {ROUNDS}, the longest, in seconds; load {os.getloadavg()[0]:.1f}")
    async with running_bench() as bench:
        film = make_film(bench.folder)
        with running_daemon(bench.folder / "local") as daemon:
            async with importing(daemon) as ask:
                await _measure("this machine", ask, film)
        for name, latency_ms in (("bucket", 0), ("bucket, 50 ms", 50)):
            with running_wires(film, bench.s3.endpoint, latency_ms=latency_ms) as wires:
                data = bench.folder / name.replace(" ", "-")
                with running_daemon(data, **settings(wires.store_url)) as daemon:
                    async with importing(daemon) as ask:
                        await _measure(name, ask, film)
            await bench.clear()


def make_film(folder: Path) -> Path:
    """Encode ten seconds, and repeat them."""
    group, film = folder / "group.mp4", folder / "film.mp4"
    picture = ("-f", "lavfi", "-i", "testsrc2=s=1920x1080:r=25:d=10,noise=alls=12:allf=t")
    sound = ("-f", "lavfi", "-i", "sine=d=10", "-c:a", "aac")
    rate = ("-b:v", "6M", "-maxrate", "9M", "-bufsize", "12M", "-g", "250", "-sc_threshold", "0")
    video = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", *rate)
    for words in ((*picture, *sound, *video, group), ("-stream_loop", "5", "-i", group, "-c", "copy", film)):
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *map(str, words)], check=True)  # noqa: S603, S607
    return film


async def _measure(name: str, ask: Importer, film: Path) -> None:
    film_mp4 = await anyio.Path(film).read_bytes()
    async with running_host(film_mp4=film_mp4) as host:
        asset = await ask.brought(f"{host.base}/film.mp4")
    for which, (start_s, end_s) in SCENES.items():
        took_s = []
        for number in range(ROUNDS + 1):
            scene = {"start_s": start_s + number / 100, "end_s": end_s}
            _, made = await ask.ask("POST", f"/v1/videos/{asset['id']}/scenes", json=scene)
            began = time.perf_counter()
            status, told = await ask.ask("GET", f"/v1/scenes/{made['id']}/previews")
            took_s.append(time.perf_counter() - began)
            if status != 200:
                raise RuntimeError(f"no preview: {told}")
        # Whatever is only made once is made by the first.
        took_s = took_s[1:]
        print(f"{name:<16}{which:<24}{statistics.median(took_s):>6.2f}{max(took_s):>6.2f}")
