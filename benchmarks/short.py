"""Shorts of a real clip: the command of the service that is replaced, and Oven's own, in turn."""

import argparse
import re
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.children import Cost, measured
from oven.adapters.ffmpeg import Ffmpeg
from oven.adapters.sandbox import Sandbox
from oven.media.canvas import canvas_filters
from oven.media.edit import Edit, EncodedVideo
from oven.media.edit_argv import first_pass
from oven.media.geometry import Size
from oven.media.short import Quality, StrategyName, plan_short
from oven.media.source import Source, read_source

THREADS = 2
MIB = 1 << 20
SECONDS, ROUNDS = 60, 1
FULL_HD = Size(1920, 1080)
# What cameras and editors hand out at that size.
SOURCE_WORDS = (
    "-preset",
    "medium",
    "-b:v",
    "12M",
    "-maxrate",
    "18M",
    "-bufsize",
    "24M",
    "-pix_fmt",
    "yuv420p",
)
# What the service asks of ffmpeg by its own description; it knows no blur.
SEED_FILTERS = {
    StrategyName.CENTER_CROP: "crop=ih*9/16:ih,scale=1080:1920:flags=lanczos",
    StrategyName.LETTERBOX: (
        "scale=1080:1920:force_original_aspect_ratio=decrease,pad=1080:1920:(ow-iw)/2:(oh-ih)/2:black"
    ),
}
SEED_RATES = {Quality.HIGH: ("18", "192k"), Quality.MEDIUM: ("23", "128k")}
QUIET = ("ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-y")
SSIM, PSNR = re.compile(r"SSIM .*All:([\d.]+)"), re.compile(r"PSNR .*average:([\d.]+)")
# Frames are compared by their number.
COUNTED = "settb=1/25,setpts=N"
FRAMES = re.compile(r"frame= *(\d+)")


class Way(NamedTuple):
    """One way to make a short: its command, the file that it makes, and what its pictures should be."""

    name: str
    words: list[str]
    file: str
    filters: str


class Found(NamedTuple):
    """What came of it: costs of each round, bytes, and how near pictures are to what was to be encoded."""

    costs: list[Cost]
    size_bytes: int
    frames: int
    ssim: float
    psnr: float

    @property
    def wall_s(self) -> float:
        return statistics.median(cost.wall_s for cost in self.costs)

    @property
    def cpu_s(self) -> float:
        return statistics.median(cost.cpu_s for cost in self.costs)

    @property
    def peak_bytes(self) -> float:
        return max(cost.peak_bytes for cost in self.costs)


async def measure(*arguments: str) -> None:
    """Make shorts of a clip both ways, and print a table for each strategy and quality."""
    asked = _asked(arguments)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        source = await made_source(folder, asked.clip, asked.seconds, asked.noise)
        for strategy in asked.strategies:
            for quality in asked.qualities:
                ways = [oven_way(source, asked.seconds, strategy, quality)]
                if strategy in SEED_FILTERS:
                    ways.insert(0, seed_way(asked.seconds, strategy, quality))
                _compare(f"{strategy} {quality}", folder, ways, asked.rounds)


async def made_source(folder: Path, clip: Path, seconds: float, noise: int = 0) -> Source:
    """Make `in/source` of a clip: looped, 1920×1080 at 25 frames a second, about 12 Mbit/s, with its sound.

    Args:
        folder: where.
        clip: any film.
        seconds: how long.
        noise: how much is added, in steps of 8 bits; 0 for none.

    """
    (folder / "in").mkdir(exist_ok=True)
    fill = f"scale={FULL_HD.width}:{FULL_HD.height}:force_original_aspect_ratio=increase:flags=lanczos"
    grain = f",noise=alls={noise}:allf=t:all_seed=1" if noise else ""
    measured(
        [
            *(*QUIET, "-stream_loop", "-1", "-i", str(clip), "-t", f"{seconds:g}"),
            *("-map", "0:v:0", "-map", "0:a:0?"),
            *("-vf", f"fps=25,{fill},crop={FULL_HD.width}:{FULL_HD.height},setsar=1{grain}"),
            *("-c:v", "libx264", *SOURCE_WORDS, "-c:a", "aac", "-b:a", "192k", "-f", "mp4", "in/source"),
        ],
        folder,
    )
    ffmpeg = await Ffmpeg.find("ffmpeg", "ffprobe", Sandbox())
    return read_source(await ffmpeg.probe_source(folder / "in" / "source"))


def seed_way(seconds: float, strategy: StrategyName, quality: Quality) -> Way:
    """Give the command of the service that is replaced."""
    crf, bitrate = SEED_RATES[quality]
    filters = SEED_FILTERS[strategy]
    words = [
        *("ffmpeg", "-ss", "0", "-to", f"{seconds:g}", "-i", "in/source", "-vf", filters),
        *("-c:v", "libx264", "-preset", "slow", "-crf", crf, "-c:a", "aac", "-b:a", bitrate),
        *("-ar", "44100", "-movflags", "+faststart", "-y", "seed.mp4"),
    ]
    return Way("seed", words, "seed.mp4", filters)


def oven_way(source: Source, seconds: float, strategy: StrategyName, quality: Quality) -> Way:
    """Give Oven's own command."""
    edit = plan_short(source, start_s=0.0, end_s=seconds, strategy=strategy, quality=quality)
    run = first_pass(edit, threads=THREADS)
    return Way("oven", ["ffmpeg", *run.arguments], run.output, filters_of(edit))


def filters_of(edit: Edit) -> str:
    """Give what brings the source's pictures onto the canvas, without an encode."""
    if not isinstance(edit.video, EncodedVideo) or edit.video.canvas is None:
        raise TypeError("this is no short")
    return canvas_filters(edit.video.canvas, matrix=edit.colors.space)


def likeness(way: Way, folder: Path) -> tuple[int, float, float]:
    """Compare a film with what was to be encoded → its frames, SSIM and PSNR of all planes."""
    graph = (
        f"[1:v]{way.filters},format=yuv420p,{COUNTED},split[a][b];[0:v]{COUNTED},split[c][d];"
        "[c][a]ssim[e];[d][b]psnr[f]"
    )
    words = ["ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-i", way.file, "-i", "in/source"]
    _, said = measured(
        [
            *words,
            "-filter_complex",
            graph,
            "-map",
            "[e]",
            "-f",
            "null",
            "-",
            "-map",
            "[f]",
            "-f",
            "null",
            "-",
        ],
        folder,
    )
    frames, ssim, psnr = (pattern.findall(said)[-1] for pattern in (FRAMES, SSIM, PSNR))
    return int(frames), float(ssim), float(psnr)


def resolved(path: str) -> Path:
    """Give the whole path of a clip: ffmpeg runs elsewhere."""
    return Path(path).resolve()


def _asked(arguments: tuple[str, ...]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks short", description=__doc__)
    parser.add_argument("clip", type=resolved, help="a real film, which is looped and enlarged")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--noise", type=int, default=0, help="noise that is added to the source")
    parser.add_argument("--strategies", nargs="+", type=StrategyName, default=list(StrategyName))
    parser.add_argument("--qualities", nargs="+", type=Quality, default=list(Quality))
    return parser.parse_args(arguments)


def _compare(title: str, folder: Path, ways: list[Way], rounds: int) -> None:
    costs: dict[str, list[Cost]] = {way.name: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            costs[way.name].append(measured(way.words, folder)[0])
    found = {}
    for way in ways:
        size_bytes = (folder / way.file).stat().st_size
        found[way.name] = Found(costs[way.name], size_bytes, *likeness(way, folder))
    columns = f"{'wall s':>8}{'CPU s':>8}{'MiB':>6}{'bytes':>12}{'SSIM':>10}{'PSNR':>8}{'frames':>8}"
    print(f"\n{title:<22}{columns}")
    for name, one in found.items():
        print(
            f"{name:<22}{one.wall_s:>8.2f}{one.cpu_s:>8.2f}{one.peak_bytes / MIB:>6.0f}{one.size_bytes:>12}"
            f"{one.ssim:>10.5f}{one.psnr:>8.2f}{one.frames:>8}"
        )
    if len(found) > 1:
        seed, oven = found["seed"], found["oven"]
        print(
            f"{'ratio, difference':<22}{_ratio(seed, oven, lambda one: one.wall_s):>8.3f}"
            f"{_ratio(seed, oven, lambda one: one.cpu_s):>8.3f}"
            f"{_ratio(seed, oven, lambda one: one.peak_bytes):>6.2f}"
            f"{_ratio(seed, oven, lambda one: one.size_bytes):>12.3f}"
            f"{oven.ssim - seed.ssim:>+10.5f}{oven.psnr - seed.psnr:>+8.2f}{oven.frames - seed.frames:>+8}",
            flush=True,
        )


def _ratio(seed: Found, oven: Found, of: Callable[[Found], float]) -> float:
    return of(oven) / of(seed)
