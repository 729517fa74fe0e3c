"""What is really in a finished file: decoded, never believed."""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def decode(file: Path, width: int, height: int, *, pixel_format: str = "gray") -> NDArray[np.uint8]:
    """Decode every picture of a file, shape (count, height, width) or, for rgb24, (…, 3)."""
    command: list[str | Path] = [
        "ffmpeg",
        "-v",
        "error",
        "-i",
        file,
        "-map",
        "0:v:0",
        "-fps_mode",
        "passthrough",
    ]
    # Full range out, by the file's own tags: what a player would show.
    command += ["-vf", f"scale=in_color_matrix=bt709:in_range=tv:out_range=pc,format={pixel_format}"]
    raw = subprocess.run([*command, "-f", "rawvideo", "-"], check=True, capture_output=True).stdout
    shape = (-1, height, width, 3) if pixel_format == "rgb24" else (-1, height, width)
    return np.frombuffer(raw, dtype=np.uint8).reshape(shape)


def decode_sound(file: Path, rate_hz: int = 48_000) -> NDArray[np.int16]:
    """Decode a file's sound to mono samples."""
    command: list[str | Path] = [
        "ffmpeg",
        "-v",
        "error",
        "-i",
        file,
        "-map",
        "0:a:0",
        "-ac",
        "1",
        "-ar",
        str(rate_hz),
    ]
    raw = subprocess.run([*command, "-f", "s16le", "-"], check=True, capture_output=True).stdout
    return np.frombuffer(raw, dtype="<i2")


def probe(file: Path) -> dict[str, Any]:
    command: list[str | Path] = [
        "ffprobe",
        "-v",
        "error",
        "-show_streams",
        "-show_format",
        "-of",
        "json",
        file,
    ]
    facts: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return facts


def frame_times_s(file: Path) -> list[float]:
    """Give the presentation time of every picture."""
    command: list[str | Path] = [
        "ffprobe",
        "-v",
        "error",
        "-select_streams",
        "v",
        "-show_entries",
        "packet=pts_time",
    ]
    said = subprocess.run(
        [*command, "-of", "csv=p=0", file], check=True, capture_output=True, text=True
    ).stdout
    return sorted(float(line.strip(",")) for line in said.split())
