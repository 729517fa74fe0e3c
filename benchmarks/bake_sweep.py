"""Ways to drive libx264 for tapes, beside the command of the service that is replaced.

`python -m benchmarks bake-sweep [KIND …]`: each word of a profile is left out or changed alone; costs and
bytes are shares of the service's encode of the same frames, quality is how much nearer to the source.
"""

import argparse
import os
import re
import subprocess
import tempfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from benchmarks.children import Cost, measured
from benchmarks.tapes import KINDS
from oven.adapters.process import ENVIRONMENT
from oven.media.argv import encode_tape, picture_file
from oven.media.encode import PHOTO, PIXEL, Profile, Quality, at_quality
from oven.media.geometry import Size, Upscale

NANOSECONDS = 1_000_000_000
THREADS = 2
# How many frames are compared with the source.
COMPARED = 12
# Each of these in place of the profile's own word.
WORDS: tuple[dict[str, str], ...] = (
    {},
    {"me": "dia"},
    {"me": "hex"},
    {"me-range": "24"},
    {"analyse": "i4x4"},
    {"analyse": "i4x4,p8x8,p4x4"},
    {"analyse": "i8x8,i4x4,p8x8"},
    {"8x8dct": "0"},
    {"ref": "3"},
    {"subme": "2"},
    {"subme": "6"},
    {"no-deblock": "0"},
    {"trellis": "0"},
    {"bframes": "2", "b-adapt": "0"},
    {"chroma-qp-offset": "0"},
)
NOWHERE = ("-f", "null", "-")
NUMBERS = (0, 25, 50, 75, 100)


class Made(NamedTuple):
    """What an encode took, and how near it came: PSNR in dB and SSIM, of luma and of RGB."""

    cost: Cost
    size_bytes: int
    luma_psnr: float
    luma_ssim: float
    rgb_psnr: float
    rgb_ssim: float


async def measure(*arguments: str) -> None:
    """Encode clips of each kind in each way, and print what it takes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks bake-sweep", description=__doc__)
    parser.add_argument("kinds", nargs="*", default=["drawing"], metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--scale", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--qualities", action="store_true", help="try numbers of quality instead of words")
    asked = parser.parse_args(arguments)
    print(f"{'':<44}{'CPU':>7}{'memory':>8}{'bytes':>8}{'dB luma':>9}{'SSIM':>10}{'dB RGB':>8}{'SSIM':>9}")
    for kind in asked.kinds:
        with tempfile.TemporaryDirectory() as place:
            clip = _Clip(Path(place), kind, asked.scale, asked.seconds)
            seed = clip.seed()
            for profile in (PIXEL, PHOTO):
                ways = [{}] if asked.qualities or profile is PHOTO else WORDS
                for words in ways:
                    for number in NUMBERS if asked.qualities else (50,):
                        tried = replace(profile, x264_params={**profile.x264_params, **words})
                        said = " ".join(f"{key}={value}" for key, value in words.items())
                        named = f"{kind} {profile.name} {number if asked.qualities else said}"
                        _print(named, clip.oven(tried, at_quality(profile, number)), seed)


class _Clip:
    """The frames of a clip, a kind's first seconds at a constant rate, upscaled and encoded."""

    def __init__(self, folder: Path, kind: str, scale: int, seconds: float) -> None:
        self._folder, self._kind, self._frames = folder, KINDS[kind], round(seconds * KINDS[kind].fps)
        source = Size(self._kind.width, self._kind.height)
        self._upscale = Upscale(source=source, scaled=Size(source.width * scale, source.height * scale))
        (folder / "in").mkdir()
        times = [index / self._kind.fps for index in range(self._frames)]
        for index, picture in enumerate(self._kind.draw(source.width, source.height, times)):
            picture.save(folder / picture_file(index), compress_level=1)

    def seed(self) -> Made:
        """Encode as the service's command does, but at a constant rate: its clock loses no frame here."""
        output = self._upscale.output
        words = f"-i in/%06d.png -vf scale={output.width}:{output.height}:flags=neighbor -c:v libx264"
        line = [
            *self._reading(),
            *words.split(),
            *["-preset", "medium", "-crf", "23", "-pix_fmt", "yuv420p", "seed.mp4"],
        ]
        cost, _ = measured(line, self._folder)
        return self._made("seed.mp4", cost, matrix="bt601")

    def oven(self, profile: Profile, quality: Quality) -> Made:
        """Encode as a bake does, without sound."""
        for index in range(self._frames):
            time_ns = round(index * NANOSECONDS / self._kind.fps)
            os.utime(self._folder / picture_file(index), ns=(time_ns, time_ns))
        line = encode_tape(
            upscale=self._upscale,
            rate=Fraction(self._kind.fps),
            frames=self._frames,
            transparent=False,
            sound=None,
            profile=profile,
            quality=quality,
            threads=THREADS,
            output="oven.mp4",
        )
        cost, _ = measured(["ffmpeg", *line], self._folder)
        return self._made("oven.mp4", cost, matrix="bt709")

    def _reading(self) -> list[str]:
        return ["ffmpeg", "-nostdin", "-y", "-framerate", str(self._kind.fps)]

    def _made(self, file: str, cost: Cost, *, matrix: str) -> Made:
        """Compare some frames with the source, each decoded by the matrix that it was made with."""
        output, every = self._upscale.output, max(1, self._frames // COMPARED)
        picked = f"select=not(mod(n\\,{every})),settb=1/30,setpts=N"
        scaled = f"scale={output.width}:{output.height}:flags=neighbor"
        exact = "accurate_rnd+full_chroma_int+full_chroma_inp+neighbor"
        graph = (
            f"[0:v]{picked},format=gbrp,{scaled},setsar=1,split=3[a][b][c];"
            "[1:v]setparams=colorspace=unknown:color_primaries=unknown:color_trc=unknown,"
            f"{picked},setsar=1,split[d][e];"
            f"[d]scale=in_color_matrix={matrix}:in_range=tv:out_range=pc:flags={exact},"
            "format=gbrp,split[f][g];"
            f"[c]scale=out_color_matrix={matrix}:out_range=tv:flags={exact},format=yuv420p,split[h][i];"
            "[e]split[j][k];[j][h]psnr[p];[k][i]ssim[q];[f][a]psnr[r];[g][b]ssim[s]"
        )
        maps = [word for name in "pqrs" for word in ("-map", f"[{name}]")]
        said = subprocess.run(  # noqa: S603 - ourselves
            [*self._reading(), "-i", "in/%06d.png", "-i", file, "-filter_complex", graph, *maps, *NOWHERE],
            cwd=self._folder,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=True,
        ).stderr
        return Made(
            cost,
            (self._folder / file).stat().st_size,
            _number(r"PSNR y:(\S+)", said),
            _number(r"SSIM Y:(\S+)", said),
            _number(r"PSNR r:.* average:(\S+)", said),
            _number(r"SSIM R:.* All:(\S+)", said),
        )


def _number(pattern: str, said: str) -> float:
    found = re.search(pattern, said)
    if found is None:
        raise ValueError(said[-500:])
    return float(found[1])


def _print(named: str, made: Made, seed: Made) -> None:
    cost, costs = made.cost, seed.cost
    print(
        f"{named:<44}{cost.cpu_s / costs.cpu_s:>7.3f}{cost.peak_bytes / costs.peak_bytes:>8.3f}"
        f"{made.size_bytes / seed.size_bytes:>8.3f}"
        f"{made.luma_psnr - seed.luma_psnr:>+9.2f}{made.luma_ssim - seed.luma_ssim:>+10.5f}"
        f"{made.rgb_psnr - seed.rgb_psnr:>+8.2f}{made.rgb_ssim - seed.rgb_ssim:>+9.4f}",
        flush=True,
    )
