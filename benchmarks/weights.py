"""What encodes hold, beside what is expected of them; and what a daemon holds whose slots are all taken."""

import itertools
import os
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from benchmarks import drawings
from benchmarks.capacity import scene_of
from benchmarks.children import measured
from benchmarks.exports import EDIT
from benchmarks.memory import own_bytes, resident_bytes, tree
from benchmarks.tapes import write_tape
from oven.media import argv
from oven.media.edit import Edit, EncodedSound, EncodedVideo
from oven.media.edit_argv import first_pass
from oven.media.encode import PHOTO, PIXEL
from oven.media.geometry import Size, Upscale
from oven.media.operations import Format, Preset, SoundCodec, VideoCodec
from oven.media.resident import MIB, export_resident_bytes, tape_resident_bytes

# Some frames are enough: what an encode holds it holds soon, but for lookahead.
FRAMES, FILM_FRAMES, RATE = 24, 75, 25
TAPES = (
    (Size(337, 176), 3),
    (Size(640, 480), 3),
    (Size(640, 480), 6),
    (Size(1024, 1024), 4),
    (Size(4096, 4096), 1),
)
THREADS = (1, 2)
FILMS = (Size(640, 360), Size(1920, 1080))
PRESETS = (Preset.ULTRAFAST, Preset.MEDIUM)
LOOK_S, JOB_S = 0.05, 900
# A machine of 2 GB under the unit's MemoryMax.
BUDGET_MB = 1_400
AT_ONCE = 3


async def measure() -> None:
    """Weigh encodes of tapes and exports; then three tapes at once, of the largest size and of phones."""
    print(f"{'MiB':<44}{'peak':>8}{'expected':>10}{'ratio':>8}")
    with tempfile.TemporaryDirectory() as name:
        _weigh_tapes(Path(name))
    with tempfile.TemporaryDirectory() as name:
        _weigh_films(Path(name))
    print(f"\n{'three tapes of 8 s at once, MiB':<44}{'RSS':>8}{'PSS':>10}{'encodes':>9}{'s':>7}")
    for given in ({"OVEN_MEMORY_BUDGET_MB": str(BUDGET_MB)}, {}):
        for kinds, scale in ((("large-drawing", "large-plasma", "large-plasma"), 8), (("phone",) * 3, 3)):
            await _bake_at_once(kinds, scale, given)


def _weigh_tapes(folder: Path) -> None:
    for number, (size, scale) in enumerate(TAPES):
        place = folder / str(number)
        (place / "in").mkdir(parents=True)
        pictures = [*drawings.plasma(size.width, size.height, [at / RATE for at in range(FRAMES)])]
        for at, picture in enumerate([*pictures, pictures[-1]]):
            file = place / argv.picture_file(at)
            picture.save(file, compress_level=1)
            os.utime(file, ns=(0, round(at * 1e9 / RATE)))
        upscale = Upscale(source=size, scaled=Size(size.width * scale, size.height * scale))
        for profile, threads, is_transparent in itertools.product((PIXEL, PHOTO), THREADS, (False, True)):
            arguments = argv.encode_tape(
                upscale=upscale,
                rate=Fraction(RATE),
                frames=FRAMES,
                transparent=is_transparent,
                sound=None,
                profile=profile,
                quality=profile.quality,
                threads=threads,
                output="video.mp4",
            )
            expected = tape_resident_bytes(
                upscale, profile.quality, threads=threads, is_transparent=is_transparent
            )
            over_black = ", transparent" if is_transparent else ""
            _tell(
                f"{profile.name}, {size} × {scale}, {threads} threads{over_black}",
                _peak(arguments, place),
                expected,
            )


def _weigh_films(folder: Path) -> None:
    for size in FILMS:
        place = folder / str(size)
        (place / "in").mkdir(parents=True)
        pictures = ("-f", "lavfi", "-i", f"testsrc2=s={size.width}x{size.height}:r={RATE}:d=3")
        sound = ("-f", "lavfi", "-i", "sine=r=48000:d=3", "-pix_fmt", "yuv420p")
        how = ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-f", "mp4", "in/source")
        _peak(("-v", "error", *pictures, *sound, *how), place)
        for codec, preset, threads in itertools.product(
            (VideoCodec.H264, VideoCodec.H265, VideoCodec.VP9, VideoCodec.AV1), PRESETS, THREADS
        ):
            edit = _film(codec, preset, size)
            expected = export_resident_bytes(edit, threads=threads)
            arguments = first_pass(edit, threads=threads).arguments
            _tell(f"{codec} {preset}, {size}, {threads} threads", _peak(arguments, place), expected)


def _film(codec: VideoCodec, preset: Preset, size: Size) -> Edit:
    if not isinstance(EDIT.video, EncodedVideo):
        raise TypeError("the export of the benchmark encodes nothing")
    video = replace(EDIT.video, codec=codec, preset=preset, scaled=None, size=size)
    film = replace(EDIT, cut=None, duration_s=FILM_FRAMES / RATE, frames=FILM_FRAMES, upright=size)
    film = replace(film, video=video, marks=(), stills=())
    if codec is not VideoCodec.VP9 or not isinstance(film.sound, EncodedSound):
        return film
    return replace(film, format=Format.WEBM, sound=replace(film.sound, codec=SoundCodec.OPUS))


def _tell(name: str, peak: float, expected: int) -> None:
    print(f"{name:<44}{peak / MIB:>8.0f}{expected / MIB:>10.0f}{expected / peak:>8.2f}", flush=True)


def _peak(arguments: tuple[str, ...], folder: Path) -> float:
    """Run ffmpeg → what it held at most."""
    return measured(["ffmpeg", "-y", *arguments], folder)[0].peak_bytes


@dataclass(slots=True)
class Looks:
    """What was seen of a daemon and its children: bytes in samples, and encodes that ran at once."""

    rss: int = 0
    pss: int = 0
    encodes: int = 0

    def look(self, pid: int) -> None:
        there = tree(pid)
        self.rss = max(self.rss, sum(map(resident_bytes, there)))
        self.pss = max(self.pss, sum(map(own_bytes, there)))
        self.encodes = max(self.encodes, sum(map(_is_encode, there)))


def _is_encode(pid: int) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return words[0].endswith(b"ffmpeg") and b"libx264" in words


async def _bake_at_once(kinds: tuple[str, ...], scale: int, given: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tapes = {f"/{kind}.zip": write_tape(folder, kind).read_bytes() for kind in set(kinds)}
        settings = {"OVEN_CONCURRENCY": str(AT_ONCE), "OVEN_BAKE_SCALE": str(scale), **given}
        async with scene_of(folder / "data", tapes, **settings) as scene:
            looks, ended = Looks(), threading.Event()

            def watch() -> None:
                while not ended.wait(LOOK_S):
                    looks.look(scene.daemon.process.pid)

            watcher = threading.Thread(target=watch)
            watcher.start()
            began = time.monotonic()
            try:
                for number, kind in enumerate(kinds):
                    body = scene.site.ask(f"tape-{number}", zipUrl=f"{scene.site.base}/{kind}.zip")
                    await scene.ask("POST", "/bake", json=body)
                await scene.site.wait_for(len(kinds), timeout_s=JOB_S)
            finally:
                ended.set()
                watcher.join()
            failed = [told.body for told in scene.site.received if b'"complete"' not in told.body]
            if failed:
                raise RuntimeError(f"not all became films: {failed[0]!r}")
    budget = given.get("OVEN_MEMORY_BUDGET_MB", "as this machine has it")
    seconds = time.monotonic() - began
    said = f"{' + '.join(sorted(set(kinds)))}, budget {budget}"
    figures = f"{looks.rss / MIB:>8.0f}{looks.pss / MIB:>10.0f}{looks.encodes:>9}{seconds:>7.0f}"
    print(f"{said:<44}{figures}", flush=True)
