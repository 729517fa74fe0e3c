"""Ways to encode a short: presets and words of x264, beside the encoder of the service that is replaced."""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.children import measured
from benchmarks.short import Way, filters_of, likeness, made_source, resolved, seed_way
from oven.media.edit import CappedCrf, Edit, EncodedVideo
from oven.media.edit_argv import first_pass
from oven.media.operations import Preset
from oven.media.short import PROFILES, Quality, StrategyName, plan_short

# An excerpt: ratios settle long before a minute.
SECONDS = 10.0
THREADS = 2
TREES = ("mbtree=1", "rc-lookahead=20")
# Presets as they come, then what "superfast" leaves out, piece by piece.
WORDS: tuple[tuple[Preset, tuple[str, ...]], ...] = (
    (Preset.FASTER, ()),
    (Preset.VERYFAST, ()),
    (Preset.VERYFAST, ("me=dia", "subme=1")),
    (Preset.SUPERFAST, ()),
    (Preset.SUPERFAST, TREES),
    (Preset.SUPERFAST, (*TREES, "subme=2")),
    (Preset.SUPERFAST, (*TREES, "ref=2")),
    (Preset.SUPERFAST, (*TREES, "b-adapt=0")),
    (Preset.SUPERFAST, PROFILES[Quality.HIGH].own),
)


async def measure(*arguments: str) -> None:
    """Encode an excerpt of a clip in each way, and print what it takes, against the service's command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks short-sweep", description=__doc__)
    parser.add_argument("clip", type=resolved)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--strategy", type=StrategyName, default=StrategyName.CENTER_CROP)
    parser.add_argument("--quality", type=Quality, default=Quality.HIGH)
    parser.add_argument("--steps", nargs="+", type=float, default=[0.0], help="CRFs from that in use")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        source = await made_source(folder, asked.clip, asked.seconds)
        edit = plan_short(
            source, start_s=0.0, end_s=asked.seconds, strategy=asked.strategy, quality=asked.quality
        )
        seed = seed_way(asked.seconds, asked.strategy, asked.quality)
        cost, _ = measured(seed.words, folder)
        size_bytes = (folder / seed.file).stat().st_size
        _, ssim, _ = likeness(seed, folder)
        print(f"{'way':<78}{'CPU':>7}{'bytes':>7}{'SSIM':>10}")
        for preset, own in WORDS:
            for step in asked.steps:
                tried = _tried(edit, preset, own, step)
                way = Way(
                    "oven",
                    ["ffmpeg", *first_pass(tried, threads=THREADS).arguments],
                    "film.mp4",
                    filters_of(tried),
                )
                taken, _ = measured(way.words, folder)
                _, found, _ = likeness(way, folder)
                share = (folder / way.file).stat().st_size / size_bytes
                named = f"{preset} {step:+g} {':'.join(own)}"
                print(
                    f"{named:<78}{taken.cpu_s / cost.cpu_s:>7.3f}{share:>7.3f}{found - ssim:>+10.5f}",
                    flush=True,
                )


def _tried(edit: Edit, preset: Preset, own: tuple[str, ...], step: float) -> Edit:
    if not isinstance(edit.video, EncodedVideo) or not isinstance(edit.video.rate, CappedCrf):
        raise TypeError("this is no short")
    rate = edit.video.rate._replace(value=edit.video.rate.value + step)
    return replace(edit, video=replace(edit.video, preset=preset, own=own, rate=rate))
