"""What a finished film shows: which frame in which slot, and how near its pictures are to the tape's."""

import io
import json
import re
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.bake_ways import FRAMES, Way
from benchmarks.tapes import Recording

# A slot's frame is looked for among those that begin so near to it.
NEAR_S = 0.5
SLOTS = "slot-%05d.png"
# Pictures are compared by their number.
COUNTED = "settb=1/25,setpts=N"
QUIET = ("ffmpeg", "-nostdin", "-hide_banner", "-v", "error")
AVERAGE = {"psnr": re.compile(r"PSNR .*average:(\S+)"), "ssim": re.compile(r"SSIM .*All:(\S+)")}
VMAF = re.compile(r"VMAF score: (\S+)")
Pictures = NDArray[np.uint8]


class Truth(NamedTuple):
    """Times in seconds; PSNR in dB.  `rgb` is of colours as they are shown, `luma` of what eyes see most."""

    frames: int
    dropped: int
    largest_start_error_s: float
    end_error_s: float
    picture_bytes: int
    psnr_rgb: float
    ssim_rgb: float
    psnr_luma: float
    ssim_luma: float
    vmaf: float | None


class Timing(NamedTuple):
    """Of a film, slot by slot, the frame of the tape that is shown; and what follows of it."""

    dropped: int
    largest_start_error_s: float


def look(tape: Recording, way: Way, scale: int, *, referee: str | None) -> Truth:
    """Decode a film and hold it against its tape.

    The frame in a slot is found in the film itself, whatever made it.
    Colours are compared as a player that knows the film's matrix shows them, with the tape's frames
    enlarged by nearest neighbour; each slot with the frame that is shown there, so that time is one thing
    and quality another.
    """
    said = _probe(way.folder / way.file)
    video = next(stream for stream in said["streams"] if stream["codec_type"] == "video")
    film = _Film(tape=tape, way=way, scale=scale, rate=Fraction(video["avg_frame_rate"]))
    frames = _frames(tape)
    shown = film.shown(frames)
    timing = timing_of(shown, _twins(frames), tape.starts_s, film.rate)
    film.lay_out(shown)
    rgb, luma = film.compared(*film.as_rgb), film.compared(*film.as_luma)
    return Truth(
        frames=len(shown),
        dropped=timing.dropped,
        largest_start_error_s=timing.largest_start_error_s,
        end_error_s=float(video["duration"]) - tape.total_s,
        picture_bytes=round(int(video["bit_rate"]) * float(video["duration"]) / 8),
        psnr_rgb=rgb["psnr"],
        ssim_rgb=rgb["ssim"],
        psnr_luma=luma["psnr"],
        ssim_luma=luma["ssim"],
        vmaf=None if referee is None else film.vmaf(referee),
    )


def timing_of(
    shown: Sequence[int], twins: Sequence[int], starts_s: Sequence[float], rate: Fraction
) -> Timing:
    """Hold the slots of a film against the times of a tape.

    Args:
        shown: the frame in each slot.
        twins: of each frame of the tape, the first of its run of equal neighbours, or itself: these cannot
            be told from one another, and nobody sees which of them a slot shows.
        starts_s: when each frame begins.
        rate: slots a second.

    """
    errors_s, seen = [], set()
    for slot, frame in enumerate(shown):
        if twins[frame] not in seen:
            seen.add(twins[frame])
            errors_s.append(abs(float(slot / rate) - starts_s[twins[frame]]))
    return Timing(dropped=len(set(twins)) - len(seen), largest_start_error_s=max(errors_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Film:
    """A film of a tape, `scale` times as large; `rate` is slots a second."""

    tape: Recording
    way: Way
    scale: int
    rate: Fraction

    def shown(self, frames: Pictures) -> list[int]:
        """Find the frame that each slot shows: of those near in time the one that it is most like."""
        found = []
        for slot, picture in enumerate(self._pictures()):
            at_s = float(slot / self.rate)
            near = [index for index, start in enumerate(self.tape.starts_s) if abs(start - at_s) <= NEAR_S]
            near = near or [len(frames) - 1]
            unlike = [np.abs(frames[index].astype(np.int16) - picture).mean() for index in near]
            found.append(near[int(np.argmin(unlike))])
        return found

    def lay_out(self, shown: Sequence[int]) -> None:
        """Give each slot's frame as a file."""
        self._slots.mkdir()
        with zipfile.ZipFile(self.tape.file) as archive:
            for frame in set(shown):
                (self._slots / f"{frame}.png").write_bytes(archive.read(FRAMES % frame))
        for slot, frame in enumerate(shown):
            (self._slots / (SLOTS % slot)).symlink_to(f"{frame}.png")

    @property
    def as_rgb(self) -> tuple[str, str]:
        """Give filters for the film and for the tape's frames: the colours that are shown."""
        return self._to_rgb, f"format=gbrp,scale={self._size}:flags=neighbor"

    @property
    def as_luma(self) -> tuple[str, str]:
        """Give filters for the film and for the tape's frames: luma, as the film's matrix has it."""
        exact = "flags=accurate_rnd+full_chroma_int+full_chroma_inp"
        matrix = f"scale=in_range=pc:out_color_matrix={self.way.matrix}:out_range=tv:{exact}"
        return (
            "format=yuv420p,extractplanes=y",
            f"{matrix},format=yuv444p,scale={self._size}:flags=neighbor,format=yuv444p,extractplanes=y",
        )

    def compared(self, film: str, frame: str) -> dict[str, float]:
        """Compare all of both, made the same by these filters."""
        said = self._run("ffmpeg", f"{self._pair(film, frame, 'a', 'b')};[a0][b0]psnr;[a1][b1]ssim")
        return {name: float(pattern.findall(said)[-1]) for name, pattern in AVERAGE.items()}

    def vmaf(self, referee: str) -> float:
        graph = f"{self._pair(*self.as_luma, 'a', 'b')};[a1]nullsink;[b1]nullsink;[a0][b0]libvmaf=n_threads=2"
        return float(VMAF.findall(self._run(referee, graph))[-1])

    @property
    def _slots(self) -> Path:
        return self.way.folder / "slots"

    @property
    def _size(self) -> str:
        return f"{self.tape.kind.width * self.scale}:{self.tape.kind.height * self.scale}"

    @property
    def _part(self) -> str:
        """Leave out the row and the column that make odd sizes even; of 4:2:0 none can be left out."""
        return f"crop={self._size}:0:0"

    @property
    def _to_rgb(self) -> str:
        """By the film's own matrix; chroma is only repeated."""
        exact = "flags=neighbor+accurate_rnd+full_chroma_int"
        return f"scale=in_color_matrix={self.way.matrix}:in_range=tv:out_range=pc:{exact},format=gbrp"

    def _pictures(self) -> Iterator[Pictures]:
        """Decode the film at its tape's size, by nearest neighbour; each (height, width, 3)."""
        kind = self.tape.kind
        small = f"scale={kind.width}:{kind.height}:flags=neighbor,format=rgb24"
        words = [*QUIET, "-i", self.way.file, "-map", "0:v:0", "-fps_mode", "passthrough"]
        words += ["-vf", f"{self._to_rgb},{self._part},{small}", "-f", "rawvideo", "-"]
        with subprocess.Popen(words, cwd=self.way.folder, stdout=subprocess.PIPE) as child:  # noqa: S603 - ourselves
            while child.stdout and (picture := child.stdout.read(kind.width * kind.height * 3)):
                yield np.frombuffer(picture, np.uint8).reshape(kind.height, kind.width, 3)
        if child.returncode:
            raise RuntimeError(f"{self.way.file} cannot be decoded")

    def _pair(self, film: str, frame: str, *sides: str) -> str:
        ends = [f"split=2[{side}0][{side}1]" for side in sides]
        return f"[0:v:0]{COUNTED},{film},{self._part},{ends[0]};[1:v:0]{COUNTED},{frame},{ends[1]}"

    def _run(self, program: str, graph: str) -> str:
        words = [program, "-nostdin", "-hide_banner", "-v", "info", "-nostats", "-i", self.way.file]
        words += ["-framerate", str(self.rate), "-i", str(self._slots / SLOTS)]
        words += ["-lavfi", graph, "-f", "null", "-"]
        return _said(words, self.way.folder)


def _twins(frames: Pictures) -> list[int]:
    twins = [0]
    for index in range(1, len(frames)):
        twins.append(twins[-1] if np.array_equal(frames[index], frames[index - 1]) else index)
    return twins


def _frames(tape: Recording) -> Pictures:
    """Read a tape's frames, shape (count, height, width, 3)."""
    with zipfile.ZipFile(tape.file) as archive:
        names = [FRAMES % index for index in range(len(tape.starts_s))]
        pictures = [Image.open(io.BytesIO(archive.read(name))).convert("RGB") for name in names]
    return np.stack([np.asarray(picture) for picture in pictures])


def _probe(file: Path) -> dict[str, Any]:
    words = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", file.name]
    done = subprocess.run(words, cwd=file.parent, check=True, capture_output=True)  # noqa: S603 - ourselves
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def _said(words: list[str], folder: Path) -> str:
    done = subprocess.run(words, cwd=folder, check=False, capture_output=True, text=True)  # noqa: S603 - ourselves
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return done.stderr
