"""Draw the sample tape, `examples/tape.zip`, as the recorder would have written it.

    python examples/make_tape.py examples/tape.zip

A small oven bakes under a moving moon, at 60 frames a second with a recorder's jitter, to four notes.
"""

import io
import json
import math
import random
import sys
import wave
import zipfile
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw

SECONDS = 2.5
FPS = 60
WIDTH, HEIGHT = 128, 96
SAMPLE_RATE_HZ = 48_000
# The recorder pads its sound to whole blocks of so many samples.
BLOCK_SAMPLES = 4096
NOTES_HZ = (261.63, 329.63, 392.0, 523.25)
NIGHT, FLOOR, BRICK, MORTAR, DARK = "#1d1b3a", "#3b2f4a", "#a8553a", "#6b3226", "#160f1e"
FLAMES = ("#ffd166", "#ff9f1c", "#e63946")
STARS = 24


def frame(at_s: float) -> Image.Image:
    """Draw the picture at a time in seconds."""
    picture = Image.new("RGBA", (WIDTH, HEIGHT), NIGHT)
    pen = ImageDraw.Draw(picture)
    sky = random.Random(7)  # noqa: S311 - stars
    for star in range(STARS):
        x, y = sky.randrange(WIDTH), sky.randrange(HEIGHT // 2)
        if (star + int(at_s * 4)) % 5:
            pen.point((x, y), fill="#f4f1de")
    moon = int(8 + at_s / SECONDS * (WIDTH - 16))
    pen.ellipse((moon - 6, 8, moon + 6, 20), fill="#f4f1de")
    pen.rectangle((0, 76, WIDTH, HEIGHT), fill=FLOOR)
    pen.rectangle((34, 36, 94, 80), fill=BRICK)
    for row in range(5):
        pen.line((34, 44 + row * 8, 94, 44 + row * 8), fill=MORTAR)
        for column in range(4):
            x = 40 + column * 15 + row % 2 * 7
            pen.line((x, 36 + row * 9, x, 44 + row * 8), fill=MORTAR)
    pen.pieslice((46, 46, 82, 96), 180, 360, fill=DARK)
    pen.rectangle((46, 70, 82, 80), fill=DARK)
    for tongue in range(9):
        left = 49 + tongue * 4
        height = 6 + 7 * abs(math.sin(at_s * 9 + tongue * 1.7))
        pen.rectangle((left, 80 - height, left + 2, 80), fill=FLAMES[tongue % len(FLAMES)])
    for puff in range(4):
        rise = (at_s * 14 + puff * 9) % 36
        drift = 64 + 4 * math.sin(rise / 5 + puff)
        pen.rectangle((drift, 34 - rise, drift + 3, 37 - rise), fill="#8d86a8")
    return picture


def soundtrack(seconds: float) -> bytes:
    """Give a WAV of plucked notes, one after the other."""
    count = int(seconds * SAMPLE_RATE_HZ)
    samples = bytearray()
    for index in range(count + -count % BLOCK_SAMPLES):
        at_s = index / SAMPLE_RATE_HZ
        beat = int(at_s * 4)
        level = 0.3 * math.exp(-5 * (at_s - beat / 4)) * (index < count)
        value = int(32767 * level * math.sin(2 * math.pi * NOTES_HZ[beat % len(NOTES_HZ)] * at_s))
        samples += value.to_bytes(2, "little", signed=True) * 2
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE_HZ)
        sound.writeframes(bytes(samples))
    return buffer.getvalue()


def starts_ms() -> list[float]:
    """Give the times of the frames, as a busy browser keeps them."""
    jitter, starts = random.Random(1), [0.0]  # noqa: S311 - jitter
    while starts[-1] + 1000 / FPS < SECONDS * 1000:
        starts.append(round(starts[-1] + max(5.0, jitter.gauss(1000 / FPS, 1.5)), 3))
    return starts


def main(path: Path) -> None:
    """Write the tape: entries stored, flat, with one date, so that the file is always the same."""
    starts = starts_ms()
    # The recorder writes no duration under 10 ms, and a fixed last one.
    durations = [max(10.0, round(later - earlier, 3)) for earlier, later in pairwise(starts)] + [16.67]
    total_s = sum(durations) / 1000
    timing = [
        {"frame": index, "filename": f"frame-{index:05d}.png", "duration": duration, "timestamp": start}
        for index, (start, duration) in enumerate(zip(starts, durations, strict=True))
    ]
    metadata = {
        "resolution": {"width": WIDTH, "height": HEIGHT},
        "frameCount": len(starts),
        "totalDuration": total_s,
        "piece": "oven",
        "audioSampleRate": SAMPLE_RATE_HZ,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as tape:

        def add(name: str, data: bytes) -> None:
            tape.writestr(zipfile.ZipInfo(name), data)

        for row, start in zip(timing, starts, strict=True):
            buffer = io.BytesIO()
            frame(start / 1000).save(buffer, "PNG", optimize=True)
            add(str(row["filename"]), buffer.getvalue())
        add("timing.json", json.dumps(timing).encode())
        add("metadata.json", json.dumps(metadata).encode())
        add("soundtrack.wav", soundtrack(total_s))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
