"""What one decode saves: an export's own command, and the same work as a run of ffmpeg for each operation."""

import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from oven.media.edit import Colors, Cut, Edit, EncodedSound, EncodedVideo, Mark, Still
from oven.media.edit_argv import first_pass, mark_file
from oven.media.encode import Crf
from oven.media.geometry import Size
from oven.media.operations import CutMode, Format, Position, Preset, SoundCodec, StillFormat, VideoCodec

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 3
SOURCE_S, START_S, LENGTH_S = 12, 1.0, 10.0
SOURCE, RESULT = Size(1920, 1080), Size(1280, 720)
STILLS_S = (1.0, 5.0, 9.0)
THREADS = 2
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-threads", str(THREADS))
EDIT = Edit(
    format=Format.MP4,
    video_index=0,
    demuxer="mov",
    cut=Cut(START_S, START_S + LENGTH_S, CutMode.EXACT),
    duration_s=LENGTH_S,
    frames=round(LENGTH_S * 25),
    upright=SOURCE,
    colors=Colors("bt709", "bt709", "bt709"),
    video=EncodedVideo(
        codec=VideoCodec.H264, preset=Preset.VERYFAST, rate=Crf(23), scaled=RESULT, size=RESULT, depth=8
    ),
    sound=EncodedSound(index=1, codec=SoundCodec.AAC, bitrate_bps=128_000, rate_hz=48_000, channels=2),
    marks=(Mark(Position.BOTTOM_RIGHT, 0.8, 0.15, 16),),
    stills=tuple(
        Still(f"thumbnail-{number}.jpg", at_s, Size(320, 180), StillFormat.JPEG)
        for number, at_s in enumerate(STILLS_S, start=1)
    ),
)


async def measure() -> None:
    """Do the work both ways in turn, several rounds, and print the medians and their ratios."""
    ways: dict[str, Callable[[Path], None]] = {"separate runs": _separately, "one decode": _at_once}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _prepare(folder)
        times: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
        for _ in range(ROUNDS):
            for way, work in ways.items():
                wall_s, cpu_s = time.perf_counter(), _cpu_s()
                work(folder)
                times[way].append((time.perf_counter() - wall_s, _cpu_s() - cpu_s))
    medians = {
        way: [statistics.median(column) for column in zip(*rows, strict=True)] for way, rows in times.items()
    }
    print(f"{'way':<16}{'wall s':>9}{'CPU s':>9}")
    for way, (wall_s, cpu_s) in medians.items():
        print(f"{way:<16}{wall_s:>9.2f}{cpu_s:>9.2f}")
    ratios = [one / many for one, many in zip(medians["one decode"], medians["separate runs"], strict=True)]
    print(f"{'ratio':<16}{ratios[0]:>9.2f}{ratios[1]:>9.2f}")


def _prepare(folder: Path) -> None:
    """Make the source, and the mark."""
    (folder / "in").mkdir()
    Image.new("RGBA", (400, 120), (255, 80, 0, 200)).save(folder / mark_file(0))
    pictures = f"mandelbrot=s={SOURCE.width}x{SOURCE.height}:r=25,trim=duration={SOURCE_S}"
    sound = f"sine=r=48000:d={SOURCE_S}"
    _ffmpeg(
        folder,
        *("-f", "lavfi", "-i", pictures, "-f", "lavfi", "-i", sound, "-pix_fmt", "yuv420p"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", "-g", "50", "-c:a", "aac"),
        *("-f", "mp4", "in/source"),
    )


def _at_once(folder: Path) -> None:
    _ffmpeg(folder, *first_pass(EDIT, threads=THREADS).arguments)


def _separately(folder: Path) -> None:
    """Work as services do that know one operation at a time: each encodes what the one before has made."""
    _ffmpeg(
        folder, "-ss", f"{START_S}", "-t", f"{LENGTH_S}", "-i", "in/source", *X264, "-c:a", "aac", "1.mp4"
    )
    scale = f"scale={RESULT.width}:{RESULT.height}"
    _ffmpeg(folder, "-i", "1.mp4", "-vf", scale, *X264, "-c:a", "copy", "2.mp4")
    overlay = (
        f"[1:v]scale={round(0.15 * RESULT.width)}:-1,format=rgba,colorchannelmixer=aa=0.8[m];"
        "[0:v][m]overlay=W-w-16:H-h-16"
    )
    _ffmpeg(
        *(folder, "-i", "2.mp4", "-i", mark_file(0), "-filter_complex", overlay),
        *(*X264, "-c:a", "copy", "-movflags", "+faststart", "3.mp4"),
    )
    for number, at_s in enumerate(STILLS_S):
        still = ("-ss", f"{at_s}", "-i", "3.mp4", "-frames:v", "1", "-vf", "scale=320:180")
        _ffmpeg(folder, *still, f"still-{number}.jpg")


def _ffmpeg(folder: Path, *words: str) -> None:
    command = ["ffmpeg", "-v", "error", "-y", *words]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603 - ourselves


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
