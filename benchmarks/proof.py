"""What it costs to prove a good tape's frames before ffmpeg sees them: baked with and without, in turn."""

import os
import resource
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.tapes import USUAL, write_tape
from oven import app
from oven.adapters.frames import ChildPictures
from oven.adapters.storage.local import LocalStorage
from oven.media.geometry import Size
from oven.media.png import HEADER_BYTES, read_size
from oven.pipeline.budget import Hold
from oven.pipeline.ports import Report, Tools
from oven.recipes.tape import TapeRequest
from oven.settings import Settings, read_settings

ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustingPictures(ChildPictures):
    """Takes every frame for what its header says."""

    async def inspect(
        self,
        frames: Sequence[tuple[Path, str, Path]],
        *,
        max_pixels: int,
        max_bytes: int,
        hold: Hold,
        report: Report,
    ) -> Mapping[str, Any]:
        del max_pixels, max_bytes, hold, report
        size = Size(0, 0)
        for source, name, clean in frames:
            with source.open("rb") as file:
                size = read_size(file.read(HEADER_BYTES), name)
            if not clean.exists():
                os.link(source, clean)
        return {"size": list(size), "transparent": False}


async def measure() -> None:
    """Bake each kind of tape both ways, several rounds, and print the medians and their ratios."""
    print(f"{'tape':<10}{'frames':<10}{'wall s':>9}{'CPU s':>9}")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        settings = read_settings({"TEMP_DIR": place})
        for name in USUAL:
            request = TapeRequest(
                path=str(write_tape(folder, name)), video=app.local_target("video", folder / "video.mp4")[0]
            )
            proving = await app.tools_of(settings, LocalStorage(buckets={"video": folder}))
            trusting = replace(proving, pictures=_trusting(proving))
            times: dict[str, list[tuple[float, float]]] = {"proved": [], "trusted": []}
            for _ in range(ROUNDS):
                times["proved"].append(await _bake(proving, settings, request))
                times["trusted"].append(await _bake(trusting, settings, request))
            medians = {
                way: [statistics.median(column) for column in zip(*rows, strict=True)]
                for way, rows in times.items()
            }
            for way, (wall_s, cpu_s) in medians.items():
                print(f"{name:<10}{way:<10}{wall_s:>9.2f}{cpu_s:>9.2f}")
            ratios = [
                proved / trusted
                for proved, trusted in zip(medians["proved"], medians["trusted"], strict=True)
            ]
            print(f"{name:<10}{'ratio':<10}{ratios[0]:>9.2f}{ratios[1]:>9.2f}")


def _trusting(tools: Tools) -> TrustingPictures:
    pictures = tools.pictures
    if not isinstance(pictures, ChildPictures):
        raise TypeError("pictures are decoded otherwise now: measure that")
    return TrustingPictures(
        children=pictures.children,
        timeout_s=pictures.timeout_s,
        stall_s=pictures.stall_s,
        sandbox=pictures.sandbox,
    )


async def _bake(tools: Tools, settings: Settings, request: TapeRequest) -> tuple[float, float]:
    """Bake once → wall and CPU seconds, children's included."""
    wall, cpu = time.perf_counter(), _cpu_s()
    await app.bake_with(tools, settings, request, lambda _: None)
    return time.perf_counter() - wall, _cpu_s() - cpu


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
