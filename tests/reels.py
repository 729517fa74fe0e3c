"""Reels: films of every make whose pictures and sound tell where, when and in which colours they are.

Each shows four quarters, and turns white in its midst at the very moment when a sound begins.
"""

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from oven.media.geometry import Size

# Top left, top right, bottom left, bottom right.
QUARTERS = ((200, 60, 60), (60, 160, 80), (50, 70, 180), (190, 180, 70))
WIDE = Size(96, 54)
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "8", "-pix_fmt", "yuv420p")
AAC = ("-c:a", "aac")
MATRICES = {"bt709": (0.2126, 0.0722), "smpte170m": (0.299, 0.114), "bt470bg": (0.299, 0.114)}
TAGS = ("-colorspace", "{0}", "-color_primaries", "{0}", "-color_trc", "{0}")
# Looks at the midst so often a second, and hears at this rate.
LOOKS_HZ, EAR_HZ = 500, 8000
WHITE, LOUD = 200, 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reel:
    """How a film is made.

    Args:
        size: of its pictures, as they are coded.
        rate: frames a second.
        lasts_s: about.
        event_s: when it turns white, and the sound begins.
        moved_s: how much later that is by the film's own clock.
        matrix: of its colours; told, if `is_tagged`.
        filters: of its pictures, after they have their colours.
        picture_words: before its pictures.
        sound: a source of lavfi's for its sound; None where there is none.
        sound_words: before its sound.
        words: how it is encoded.
        copied: how what was encoded is copied into another file; empty where it is not.
        pixel_aspect: width of a pixel by its height.
        turned: how far clockwise it is turned to be shown, in degrees.
        scene: what becomes a short of it, in seconds.

    """

    size: Size = WIDE
    rate: Fraction = Fraction(25)
    lasts_s: float = 0.48
    event_s: float = 0.32
    moved_s: float = 0.0
    matrix: str = "smpte170m"
    is_tagged: bool = True
    filters: str = ""
    picture_words: tuple[str, ...] = ()
    sound: str | None = "aevalsrc={beep}:s=48000:d={lasts}"
    sound_words: tuple[str, ...] = ()
    words: tuple[str, ...] = (*X264, *AAC)
    copied: tuple[str, ...] = ()
    pixel_aspect: Fraction = Fraction(1)
    turned: int = 0
    scene: tuple[float, float] = (0.24, 0.40)

    @property
    def shown(self) -> tuple[float, float]:
        """How wide and how high it is displayed."""
        width, height = float(self.size.width * self.pixel_aspect), float(self.size.height)
        return (height, width) if self.turned in {90, 270} else (width, height)

    @property
    def middle(self) -> tuple[float, float]:
        """Where its quarters meet, as displayed, from the middle: half a pixel off it, if sides are odd."""
        right, down = self.size.width % 2 / 2 * float(self.pixel_aspect), self.size.height % 2 / 2
        return {0: (right, down), 90: (-down, right), 180: (-right, -down), 270: (down, -right)}[self.turned]

    @property
    def quarters(self) -> tuple[tuple[int, int, int], ...]:
        """Its quarters as displayed."""
        one, two, three, four = QUARTERS
        return {
            0: (one, two, three, four),
            90: (three, one, four, two),
            180: (four, three, two, one),
            270: (two, four, one, three),
        }[self.turned]

    def make(self, file: Path) -> None:
        """Make the film."""
        first = file if not self.copied else file.with_name(f"first-{file.name.rpartition('.')[0]}.mp4")
        beep = f"gte(t\\,{self.event_s:.6f})*sin(2*PI*1000*(t-{self.event_s:.6f}))/2"
        lavfi = self.sound and self.sound.format(beep=beep, lasts=self.lasts_s)
        tags = (word.format(self.matrix) for word in TAGS) if self.is_tagged else ()
        scaled = f"scale=out_color_matrix={self.matrix}:flags=accurate_rnd+full_chroma_inp+full_chroma_int"
        aspect = f"setsar={self.pixel_aspect.numerator}/{self.pixel_aspect.denominator}"
        raw = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{self.size.width}x{self.size.height}")
        _run(
            *(*self.picture_words, *raw, "-framerate", str(self.rate), "-i", "-"),
            *(*self.sound_words, "-f", "lavfi", "-i", lavfi) if lavfi else (),
            *("-filter:v", ",".join(part for part in (scaled, aspect, self.filters) if part)),
            *(*self.words, *tags, first),
            said=b"".join(self._frames()),
        )
        if self.copied:
            _run(*(str(first) if word == "@" else word for word in self.copied), file)

    def _frames(self) -> Iterable[bytes]:
        width, height = self.size
        frame = np.empty((height, width, 3), np.uint8)
        down, across = np.arange(height) >= height / 2, np.arange(width) >= width / 2
        frame[:] = np.array(QUARTERS, np.uint8)[down[:, None] * 2 + across]
        white = frame.copy()
        white[height // 4 : height - height // 4, width // 4 : width - width // 4] = 255
        for number in range(round(self.lasts_s * self.rate)):
            yield (frame if number / self.rate < self.event_s - 1e-6 else white).tobytes()


class Seen(NamedTuple):
    """What a film shows and sounds like: its first picture, and when it turns white, and is loud."""

    luma: NDArray[np.int16]
    blue: NDArray[np.int16]
    red: NDArray[np.int16]
    white_s: float | None
    loud_s: float | None

    def colour(self, x: float, y: float, matrix: str) -> tuple[float, float, float]:
        """Give the colour around a point of the first picture, by what its matrix says."""
        at = (slice(int(y) // 2 - 4, int(y) // 2 + 4), slice(int(x) // 2 - 4, int(x) // 2 + 4))
        twice = tuple(slice(2 * side.start, 2 * side.stop) for side in at)
        bright = (float(self.luma[twice].mean()) - 16) / 219
        blue, red = ((float(plane[at].mean()) - 128) / 224 for plane in (self.blue, self.red))
        of_red, of_blue = MATRICES[matrix]
        r, b = bright + 2 * (1 - of_red) * red, bright + 2 * (1 - of_blue) * blue
        g = (bright - of_red * r - of_blue * b) / (1 - of_red - of_blue)
        return 255 * r, 255 * g, 255 * b


def seen(film: Path, size: Size) -> Seen:
    """Play a film of this size."""
    first, looks, heard = (film.with_suffix(f".{kind}") for kind in ("yuv", "gray", "pcm"))
    graph = (
        "[0:v]split[a][b];[a]trim=end_frame=1[first];[b]crop=64:64,scale=1:1:flags=area,format=gray,tpad=stop=5:stop_mode=clone,"
        f"fps={LOOKS_HZ}:start_time=0[looks]"
    )
    sound = ("-map", "0:a", "-af", f"aresample={EAR_HZ}:async=1:first_pts=0", "-ac", "1", "-f", "s16le")
    _run(
        *("-i", film, "-filter_complex", graph, "-map", "[first]", "-f", "rawvideo", first),
        *("-map", "[looks]", "-f", "rawvideo", looks, *sound, heard),
    )
    width, height = size
    planes = np.frombuffer(first.read_bytes(), np.uint8).astype(np.int16)
    luma, blue, red = np.split(planes, [width * height, width * height * 5 // 4])
    half = (height // 2, width // 2)
    bright = np.flatnonzero(np.frombuffer(looks.read_bytes(), np.uint8) > WHITE)
    loud = np.flatnonzero(np.abs(np.frombuffer(heard.read_bytes(), np.int16)) > LOUD)
    return Seen(
        luma.reshape(height, width),
        blue.reshape(half),
        red.reshape(half),
        float(bright[0] / LOOKS_HZ) if bright.size else None,
        float(loud[0] / EAR_HZ) if loud.size else None,
    )


def _run(*words: str | Path, said: bytes | None = None) -> None:
    command = ["ffmpeg", "-nostdin", "-v", "fatal", "-y", *words]
    subprocess.run(command, check=True, input=said)
