"""Tapes as the recorder writes them, drawn by code: `python -m benchmarks tapes FOLDER [KIND …]`."""

import argparse
import json
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks import drawings
from benchmarks.drawings import Instants
from tests.tapes import RATE_HZ, frame_names, png, wav, write_zip

SECONDS = 8.0
# Of the last frame recorders know no duration, and write this.
LAST_MS = 16.67
# Recorders pad the sound to whole blocks.
SOUND_BLOCK = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of tape: its pictures, their size in pixels, and how many a second; `clicks` with each flash."""

    draw: Callable[[int, int, Instants], Iterator[Image.Image]]
    width: int = 640
    height: int = 480
    fps: int = 30
    clicks: bool = False


KINDS = {
    "drawing": Kind(draw=drawings.drawing),
    "plasma": Kind(draw=drawings.plasma),
    "prompt": Kind(draw=drawings.prompt),
    # The commonest real size.
    "phone": Kind(draw=drawings.drawing, width=337, height=176, fps=60),
    # With scale 8 as large as is allowed: 16.7 megapixels.
    "large-drawing": Kind(draw=drawings.drawing, width=512, height=512),
    "large-plasma": Kind(draw=drawings.plasma, width=512, height=512),
    "noise": Kind(draw=drawings.noise, width=256, height=192),
    "sync": Kind(draw=drawings.sync, width=320, height=240, fps=60, clicks=True),
    "tiles": Kind(draw=drawings.tiles),
    "dither": Kind(draw=drawings.dither),
    "text": Kind(draw=drawings.text),
    "photo": Kind(draw=drawings.photo),
}
# The largest that is common, and the commonest.
USUAL = ("drawing", "phone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A tape that stands as a file, and when each of its frames began, in seconds."""

    file: Path
    kind: Kind
    starts_s: tuple[float, ...]
    total_s: float


def record(folder: Path, name: str, *, seconds: float = SECONDS, sound: bool = True) -> Recording:
    """Write a tape of a kind, with its jitter, as the recorder would."""
    kind = KINDS[name]
    starts_ms = _starts_ms(kind.fps, seconds)
    gaps_ms = [later - earlier for earlier, later in pairwise(starts_ms)] + [LAST_MS]
    total_s = sum(gaps_ms) / 1000
    names = frame_names(len(starts_ms))
    starts_s = tuple(start / 1000 for start in starts_ms)
    entries = {
        file: png(picture)
        for file, picture in zip(names, kind.draw(kind.width, kind.height, starts_s), strict=True)
    }
    rows = zip(names, gaps_ms, starts_ms, strict=True)
    timing = [
        {"frame": index, "filename": file, "duration": gap, "timestamp": start}
        for index, (file, gap, start) in enumerate(rows)
    ]
    entries["timing.json"] = json.dumps(timing).encode()
    said = {
        "resolution": {"width": kind.width, "height": kind.height},
        "frameCount": len(timing),
        "totalDuration": total_s,
        "piece": name,
        "audioSampleRate": RATE_HZ,
    }
    entries["metadata.json"] = json.dumps(said).encode()
    if sound:
        entries["soundtrack.wav"] = _soundtrack(total_s, clicks=kind.clicks)
    file = write_zip(folder / f"{name}.zip", entries)
    return Recording(file=file, kind=kind, starts_s=starts_s, total_s=total_s)


def write_tape(folder: Path, name: str) -> Path:
    """Write 8 s of a kind of tape, with sound."""
    return record(folder, name).file


async def write_all(*words: str) -> None:
    """Write the tapes that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks tapes")
    parser.add_argument("folder", type=Path)
    parser.add_argument("kinds", nargs="*", choices=[[], *KINDS], metavar="KIND", help=", ".join(KINDS))
    given = parser.parse_args(words)
    given.folder.mkdir(parents=True, exist_ok=True)
    for name in given.kinds or KINDS:
        print(write_tape(given.folder, name))


def _starts_ms(fps: int, seconds: float) -> list[float]:
    """Give the times of frames as a busy browser keeps them: 15 % off, as often early as late."""
    rng, starts = random.Random(1), [0.0]
    while starts[-1] < seconds * 1000:
        starts.append(starts[-1] + max(5.0, rng.gauss(1000 / fps, 150 / fps)))
    return starts[:-1]


def _soundtrack(seconds: float, *, clicks: bool) -> bytes:
    at_s = np.arange(int(RATE_HZ * seconds)) / RATE_HZ
    hum = 0.05 * np.sin(2 * math.pi * 220 * at_s)
    beeps = np.where(at_s % 1 < drawings.FLASH_S, 0.8 * np.sin(2 * math.pi * 1000 * at_s), 0)
    mono = ((beeps if clicks else hum) * 32767).astype(np.int16)
    return wav(0, samples=np.pad(mono, (0, -len(mono) % SOUND_BLOCK)))
