"""Tapes as artists make them, drawn by code."""

import json
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from tests.tapes import frame_names, jittered_starts_ms, png, timing_of, wav, write_zip

SECONDS = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of tape: the size of its frames in pixels, and how many a second."""

    width: int
    height: int
    fps: int


# The largest that is common, and the commonest.
KINDS = {"drawing": Kind(width=640, height=480, fps=30), "phone": Kind(width=337, height=176, fps=60)}


def write_tape(folder: Path, name: str) -> Path:
    """Write 8 s of a kind of tape, with sound, as the recorder would."""
    kind = KINDS[name]
    starts = jittered_starts_ms(round(SECONDS * kind.fps), kind.fps)
    names = frame_names(len(starts))
    pictures = _drawing(kind.width, kind.height)
    entries = {name: png(next(pictures)) for name in names}
    entries["timing.json"] = json.dumps(timing_of(starts, names)).encode()
    entries["soundtrack.wav"] = wav(SECONDS)
    return write_zip(folder / f"{name}.zip", entries)


def _drawing(width: int, height: int) -> Iterator[Image.Image]:
    """Draw a wandering line in changing colours, three strokes a frame, with the pen's place marked."""
    rng, angle = random.Random(3), 0.0
    x, y = width / 2, height / 2
    canvas = Image.new("RGBA", (width, height), (24, 24, 48, 255))
    while True:
        pen = ImageDraw.Draw(canvas)
        for _ in range(3):
            angle += rng.uniform(-0.6, 0.6)
            before = (x, y)
            x = min(max(x + 6 * math.cos(angle), 0), width - 1)
            y = min(max(y + 6 * math.sin(angle), 0), height - 1)
            color = (rng.randrange(256), rng.randrange(256), rng.randrange(256), 255)
            pen.line((*before, x, y), fill=color, width=2)
        frame = canvas.copy()
        ImageDraw.Draw(frame).rectangle((x - 3, y - 3, x + 3, y + 3), outline="white")
        yield frame
