"""Ways to make a film of a tape: commands that one would type, and Oven's."""

import os
import shutil
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import anyio

from benchmarks.tapes import Recording
from oven import app
from oven.adapters.ffmpeg import Ffmpeg
from oven.adapters.storage.local import LocalStorage
from oven.recipes.tape import TapeRequest
from oven.settings import read_settings

FILM = "film.mp4"
FRAMES = "frame-%05d.png"


class Way(NamedTuple):
    """A command, the folder it runs in, the file that it makes there, and the matrix of its colours."""

    name: str
    words: list[str]
    folder: Path
    file: str
    matrix: str = "bt601"


def listed(tape: Recording, folder: Path, scale: int) -> Way:
    """Give the command of the service that is replaced: frames in a list with their durations, no sound."""
    _unpack(tape, folder)
    starts = (*tape.starts_s, tape.total_s)
    lines = [
        f"file '{FRAMES % index}'\nduration {later - earlier:.6f}\n"
        for index, (earlier, later) in enumerate(pairwise(starts))
    ]
    (folder / "list.txt").write_text("".join(lines))
    size = f"{tape.kind.width * scale}:{tape.kind.height * scale}"
    return Way(
        "list",
        [
            *("ffmpeg", "-nostdin", "-y", "-f", "concat", "-safe", "0", "-i", "list.txt"),
            *("-vf", f"fps=30,scale={size}:flags=neighbor", "-c:v", "libx264", "-preset", "medium"),
            *("-crf", "23", "-pix_fmt", "yuv420p", "-movflags", "+faststart", FILM),
        ],
        folder,
        FILM,
    )


def constant(tape: Recording, folder: Path, scale: int) -> Way:
    """Give the command that most would type: pictures at one whole rate, beside the sound.

    The rate is the mean of the tape's, and sides are made even, for x264 refuses odd ones.
    """
    _unpack(tape, folder)
    rate = round(len(tape.starts_s) / tape.total_s)
    filters = f"scale=iw*{scale}:ih*{scale}:flags=neighbor,pad=ceil(iw/2)*2:ceil(ih/2)*2"
    return Way(
        "constant",
        [
            *("ffmpeg", "-nostdin", "-y", "-framerate", str(rate), "-i", FRAMES, "-i", "soundtrack.wav"),
            *("-vf", filters, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k"),
            *("-movflags", "+faststart", FILM),
        ],
        folder,
        FILM,
    )


async def encode(tape: Recording, folder: Path, scale: int) -> Way:
    """Give Oven's encode alone, on the files and with the words that its pipeline has made."""
    await anyio.Path(folder).mkdir()
    settings = read_settings({"TEMP_DIR": str(folder)})
    tools = await app.tools_of(settings, LocalStorage(buckets={app.VIDEO_BUCKET: folder}))
    if not isinstance(tools.encoder, Ffmpeg):
        raise TypeError("encodes are made otherwise now: measure that")
    keeping = _Keeping(
        ffmpeg=tools.encoder.ffmpeg,
        ffprobe=tools.encoder.ffprobe,
        version=tools.encoder.version,
        sandbox=tools.encoder.sandbox,
        kept=folder / "kept",
        words=[],
    )
    target, _ = app.local_target(app.VIDEO_BUCKET, folder / FILM)
    request = TapeRequest(path=str(tape.file), video=target, scale=scale)
    await app.bake_with(replace(tools, encoder=keeping), settings, request, lambda _: None)
    words = ["ffmpeg", *keeping.words]
    return Way("oven, encode alone", words, keeping.kept, _output(words), "bt709")


def whole(tape: Recording, folder: Path, scale: int) -> Way:
    """Give `oven bake`: all that somebody waits for, from the start of Python to the verified film."""
    folder.mkdir()
    words = [sys.executable, "-m", "oven", "bake", str(tape.file), "-o", FILM, "--scale", str(scale)]
    return Way("oven bake", words, folder, FILM, "bt709")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Keeping(Ffmpeg):
    """Keeps the first encode's files and words."""

    kept: Path
    words: list[str]

    async def encode(self, arguments: Sequence[str], folder: Path, **options: Any) -> float:
        if not self.words:
            # Links, for the frames' times are those of their files.
            shutil.copytree(folder, self.kept, copy_function=os.link)
            self.words.extend(arguments)
        return await Ffmpeg.encode(self, arguments, folder, **options)


def _output(words: Sequence[str]) -> str:
    return words[-1].removeprefix("file:")


def _unpack(tape: Recording, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(tape.file) as archive:
        archive.extractall(folder)
