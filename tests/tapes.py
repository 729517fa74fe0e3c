"""Tapes made by code, whose every frame carries its number in its pixels."""

import io
import json
import random
import wave
import zipfile
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# A number stands in 4 × 4 fields of black and white, so up to 65535.
FIELDS = 4
SIDE = 64
RATE_HZ = 48_000


def numbered_png(number: int, *, width: int = SIDE, height: int = SIDE, mode: str = "RGBA") -> bytes:
    """Draw a number into a picture."""
    bits = np.array([(number >> bit) & 1 for bit in range(FIELDS * FIELDS)], dtype=np.uint8) * 255
    small = Image.fromarray(bits.reshape(FIELDS, FIELDS)).convert(mode)
    return png(small.resize((width, height), Image.Resampling.NEAREST))


def read_numbers(frames: NDArray[np.uint8]) -> list[int]:
    """Read the numbers of decoded gray frames, shape (count, height, width)."""
    _, height, width = frames.shape
    rows = [int((field + 0.5) * height / FIELDS) for field in range(FIELDS)]
    columns = [int((field + 0.5) * width / FIELDS) for field in range(FIELDS)]
    bits = frames[:, rows][:, :, columns].reshape(len(frames), -1) > 127
    return [int(sum(1 << bit for bit in np.flatnonzero(frame))) for frame in bits]


def png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def flat_png(color: tuple[int, ...], *, width: int = SIDE, height: int = SIDE) -> bytes:
    return png(Image.new("RGBA" if len(color) == 4 else "RGB", (width, height), color))


def wav(seconds: float, *, samples: NDArray[np.int16] | None = None, rate_hz: int = RATE_HZ) -> bytes:
    """Give a stereo WAV, silent unless samples are given."""
    mono = np.zeros(int(seconds * rate_hz), dtype=np.int16) if samples is None else samples
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(rate_hz)
        sound.writeframes(np.repeat(mono[:, None], 2, 1).astype("<i2").tobytes())
    return buffer.getvalue()


def jittered_starts_ms(count: int, fps: float, *, seed: int = 1) -> list[float]:
    """Give the times of frames as a busy browser keeps them."""
    rng, starts = random.Random(seed), [0.0]
    while len(starts) < count:
        starts.append(starts[-1] + max(2.0, rng.gauss(1000 / fps, 150 / fps)))
    return starts


def timing_of(starts_ms: Sequence[float], names: Sequence[str]) -> list[dict[str, Any]]:
    """Write times as the recorder does: durations of at least 10 ms, the last one fixed."""
    durations = [max(10.0, later - earlier) for earlier, later in pairwise(starts_ms)] + [16.67]
    rows = zip(names, durations, starts_ms, strict=True)
    return [
        {"frame": index, "filename": name, "duration": duration, "timestamp": start + 5000.25}
        for index, (name, duration, start) in enumerate(rows)
    ]


def frame_names(count: int) -> list[str]:
    return [f"frame-{index:05d}.png" for index in range(count)]


def write_zip(path: Path, entries: Mapping[str, bytes], *, method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return path


def tape_entries(
    starts_ms: Sequence[float], *, sound: bytes | None = None, width: int = SIDE, height: int = SIDE
) -> dict[str, bytes]:
    """Give a numbered tape's entries as the recorder lays them out."""
    names = frame_names(len(starts_ms))
    entries = {name: numbered_png(index, width=width, height=height) for index, name in enumerate(names)}
    entries["timing.json"] = json.dumps(timing_of(starts_ms, names)).encode()
    if sound is not None:
        entries["soundtrack.wav"] = sound
    return entries


def small_entries(count: int = 4, *, sound: bool = False) -> dict[str, bytes]:
    """Give a short, plain tape at 30 frames a second, to be spoilt in one way or another."""
    starts = [index * 1000 / 30 for index in range(count)]
    return tape_entries(starts, sound=wav(count / 30) if sound else None)
