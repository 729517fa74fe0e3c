"""How near films come to a wanted size: each codec, on clips of many kinds, by words and rule of exports."""

import statistics
import tempfile
from pathlib import Path
from typing import NamedTuple

import anyio

from oven.adapters.process import ENVIRONMENT
from oven.media.edit import EncodedVideo, Rate, TargetSize
from oven.media.encode import Crf
from oven.media.encoders import Take, stats_files, video_words
from oven.media.formats import OVERHEADS
from oven.media.geometry import Size
from oven.media.operations import Format, Preset, VideoCodec
from oven.media.sizing import TOLERANCE, corrected

FPS = 25
# Made anew by every pass, of one seed, so that nothing has to be kept.
CLIPS = {
    "fractal": "mandelbrot=s={size}:r=25:start_scale=0.5:end_scale=0.001:end_pts=700",
    "drawing": "testsrc2=s={size}:r=25",
    "grain": "life=s={size}:r=25:mold=10:ratio=0.1:seed=1:life_color=#e0e0a0,noise=alls=12:allf=t:all_seed=1",
    # Noise, then nothing that moves, then a fractal; a third each.
    "changing": (
        "color=gray:s={size}:r=25:d={third},noise=alls=60:allf=t:all_seed=1[x];"
        "testsrc=s={size}:r=25,trim=end_frame=1,loop=-1:1,trim=duration={third},setpts=N/25/TB[y];"
        "mandelbrot=s={size}:r=25:end_pts=300,trim=duration={seconds},setpts=N/25/TB[z];"
        "[x]format=yuv420p[x];[y]format=yuv420p[y];[z]format=yuv420p[z];[x][y][z]concat=3"
    ),
}
# What is wanted is what these qualities took: little, usual, much.
QUALITIES = {
    VideoCodec.H264: (36, 27, 19),
    VideoCodec.H265: (38, 30, 22),
    VideoCodec.VP9: (52, 40, 28),
    VideoCodec.AV1: (52, 42, 30),
}
PRESETS = (Preset.VERYFAST, Preset.MEDIUM)
KINDS = ((Size(320, 180), 5), (Size(320, 180), 10), (Size(640, 360), 10), (Size(320, 180), 30))


class Landing(NamedTuple):
    """How far files were from what was wanted, as shares of it; without a corrective pass, both are one."""

    first: float
    last: float
    is_corrected: bool


async def measure() -> None:
    """Encode towards sizes, and print how far from them each codec lands."""
    print(f"{'codec':<6}{'preset':<10}{'clip':<10}{'size':<9}{'s':>3}  first %, last % (by quality)")
    landings: dict[tuple[VideoCodec, str], list[Landing]] = {}
    for codec, qualities in QUALITIES.items():
        for preset in PRESETS:
            # What takes long is measured on the shortest.
            kinds = KINDS if preset is PRESETS[0] else KINDS[:1]
            for clip in CLIPS:
                for size, seconds in kinds:
                    films = _Film(clip, size, seconds, codec, preset)
                    found = [await _land(films, Crf(crf)) for crf in qualities]
                    of_kind = "changing" if clip == "changing" else "others"
                    landings.setdefault((codec, of_kind), []).extend(found)
                    told = "  ".join(f"{_percent(one.first):>6}→{_percent(one.last):<6}" for one in found)
                    print(f"{codec:<6}{preset:<10}{clip:<10}{size!s:<9}{seconds:>3}  {told}", flush=True)
    print(
        f"\n{'codec':<6}{'clips':<10}{'films':>6}{'one pass':>10}{'within 3 %':>12}{'median':>8}{'worst':>8}"
    )
    for (codec, of_kind), found in landings.items():
        errors = [abs(one.last) for one in found]
        once = sum(not one.is_corrected for one in found)
        near = sum(error <= TOLERANCE for error in errors)
        print(
            f"{codec:<6}{of_kind:<10}{len(found):>6}{once:>10}{near:>12}"
            f"{100 * statistics.median(errors):>8.1f}{100 * max(errors):>8.1f}"
        )


async def _land(film: "_Film", wanted: Crf) -> Landing:
    seconds = film.seconds
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        target_bytes, _ = await film.make(folder, wanted, Take.ONLY)
        overhead = OVERHEADS[Format.MP4]
        other_bytes = overhead.file + overhead.video_packet * seconds * FPS
        rate = TargetSize(target_bytes, max(10_000, (target_bytes - other_bytes) * 8 // seconds))
        first_bytes, video_bytes = await film.make(folder, rate, Take.FIRST)
        again = corrected(
            rate,
            codec=film.codec,
            duration_s=seconds,
            video_bytes=video_bytes,
            other_bytes=first_bytes - video_bytes,
        )
        last_bytes = first_bytes
        if again is not None:
            (folder / "in").mkdir()
            for name in stats_files(film.video(rate)):
                (folder / name).rename(folder / "in" / name)
            second_bytes, _ = await film.make(folder, again, Take.SECOND)
            # The nearer one is kept.
            last_bytes = min(first_bytes, second_bytes, key=lambda made: abs(made - target_bytes))
        return Landing(first_bytes / target_bytes - 1, last_bytes / target_bytes - 1, again is not None)


class _Film(NamedTuple):
    clip: str
    size: Size
    seconds: int
    codec: VideoCodec
    preset: Preset

    def video(self, rate: Rate) -> EncodedVideo:
        return EncodedVideo(
            codec=self.codec, preset=self.preset, rate=rate, scaled=None, size=self.size, depth=8
        )

    async def make(self, folder: Path, rate: Rate, take: Take) -> tuple[int, int]:
        """Encode → bytes of the file, and of the pictures in it."""
        size = f"{self.size.width}x{self.size.height}"
        graph = CLIPS[self.clip].format(size=size, seconds=self.seconds, third=self.seconds / 3)
        words = video_words(self.video(rate), format=Format.MP4, threads=2, take=take)
        await _run(
            folder,
            *("ffmpeg", "-v", "error", "-nostdin", "-y", "-filter_complex", f"{graph},format=yuv420p[v]"),
            *("-map", "[v]", "-t", str(self.seconds), "-fps_mode", "vfr", "-enc_time_base:v", "1:120000"),
            *(*words, "film.mp4"),
        )
        packets = await _run(
            folder,
            *("ffprobe", "-v", "error", "-show_entries", "packet=size", "-of", "csv=p=0", "film.mp4"),
        )
        video_bytes = sum(int(line.strip(",")) for line in packets.split())
        return (folder / "film.mp4").stat().st_size, video_bytes


async def _run(folder: Path, *line: str) -> str:
    ran = await anyio.run_process(line, cwd=folder, env=ENVIRONMENT)
    return ran.stdout.decode()


def _percent(share: float) -> str:
    return f"{100 * share:+.1f}"
