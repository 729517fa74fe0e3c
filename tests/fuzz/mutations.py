"""Good input, broken at random: each target must refuse it by a code of ours, or take it."""

import io
import json
import random
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson

from oven.adapters import archive, files
from oven.adapters.png_chunks import BrokenPngError, read_png
from oven.domain.errors import BadInputError, Code
from oven.media.png import HEADER_BYTES, read_size
from oven.media.tape import read_layout
from oven.media.timing import read_timing
from tests.tapes import frame_names, numbered_png, small_entries

ACCEPTED = "accepted"
# Whole numbers that programs stumble over, as JSON writes them.
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 1e308, -1e308, 2**53, 2**64, 10**400, 1e-320, 16.67),
    *("", "frame-00000.png", "../x", "\u202e", "x" * 5_000, [], {}, [[]], {"frames": []}),
)
# Bytes that mean something in the formats.
SPICE = (
    b"PK\x01\x02",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"PK\x06\x06",
    b"IHDR",
    b"IDAT",
    b"IEND",
    b"\xff" * 4,
    bytes(4),
)

Target = Callable[[random.Random, Path], str]


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Break some bytes in one to six ways: flipped, cut, doubled, moved, replaced."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        position = rng.randrange(len(changed) or 1)
        match rng.randrange(6):
            case 0 if changed:
                changed[position] ^= 1 << rng.randrange(8)
            case 1 if changed:
                changed[position] = rng.randrange(256)
            case 2:
                changed[position : position + 4] = rng.choice(SPICE)
            case 3:
                del changed[position : position + rng.choice((1, 2, 30, 500))]
            case 4:
                changed[position:position] = changed[: rng.choice((1, 4, 46, 300))]
            case _:
                changed = changed[: rng.randrange(len(changed) + 1)]
    return bytes(changed)


def zips(rng: random.Random, folder: Path) -> str:
    """List an archive and unpack all of it."""
    path = folder / "a.zip"
    path.write_bytes(mutated(rng.choice(ZIPS), rng))
    try:
        names = archive._entries(path, 100, 1_000_000)
        read_layout(names)
        for index, name in enumerate(names):
            target = folder / f"out{index}"
            target.unlink(missing_ok=True)
            with archive._opened(path) as opened, target.open("wb") as written:
                with archive._broken_means(Code.ZIP_CORRUPT, "damaged"):
                    source = opened.open(name)
                with source:
                    archive._copy(source, written, name, 1_000_000)
    except BadInputError as error:
        return error.code
    return ACCEPTED


def pngs(rng: random.Random, _: Path) -> str:
    """Read a header, then walk every chunk."""
    data = mutated(rng.choice(PNGS), rng)
    if rng.random() < 0.7:
        data = with_checksums(data)
    try:
        read_size(data[:HEADER_BYTES], "frame 0")
        read_png(data)
    except BadInputError as error:
        return error.code
    except BrokenPngError:
        return "FRAME_CORRUPT"
    return ACCEPTED


def with_checksums(data: bytes) -> bytes:
    """Make the checksum of every chunk right, so that what is behind it is looked at."""
    changed, position = bytearray(data), 8
    while position + 12 <= len(changed):
        end = position + 8 + int.from_bytes(changed[position : position + 4])
        if end + 4 > len(changed):
            break
        changed[end : end + 4] = zlib.crc32(changed[position + 4 : end]).to_bytes(4)
        position = end + 4
    return bytes(changed)


def timings(rng: random.Random, folder: Path) -> str:
    """Parse a timing.json and lay its frames in time: by odd values, or by broken bytes."""
    if rng.random() < 0.5:
        text = mutated(TIMING, rng)
    else:
        value = json.loads(TIMING)
        for _ in range(rng.randint(1, 4)):
            _spoil(value, rng)
        text = json.dumps(value, allow_nan=True).encode()
    (folder / "timing.json").write_bytes(text)
    try:
        timing = read_timing(files._read_json(folder / "timing.json", 1_000), frame_names(12))
    except ValueError:
        # Told as TIMING_INVALID by the step that reads it.
        return "TIMING_INVALID"
    except BadInputError as error:
        return error.code
    if not all(start >= 0 for start in timing.starts_s) or timing.total_s < 0:
        return f"nonsense: {timing}"
    return ACCEPTED


def run(target: Target, count: int, seed: int, folder: Path) -> tuple[Counter[str], list[str]]:
    """Break input `count` times → how often each answer came, and what came otherwise, with its seed."""
    answers: Counter[str] = Counter()
    escaped: list[str] = []
    for number in range(count):
        try:
            answer = target(random.Random(f"{seed}/{number}"), folder)
        except Exception as error:  # noqa: BLE001 - that there is none is what is looked for
            escaped.append(f"{seed}/{number}: {error!r}")
        else:
            answers[answer] += 1
            if answer.startswith("nonsense"):
                escaped.append(f"{seed}/{number}: {answer}")
    return answers, escaped


def _spoil(value: Any, rng: random.Random) -> None:
    """Put an odd value somewhere into parsed JSON."""
    place = value
    while True:
        keys = list(place) if isinstance(place, Mapping) else list(range(len(place)))
        if not keys:
            return
        key = rng.choice(keys)
        if isinstance(place[key], list | dict) and rng.random() < 0.8:
            place = place[key]
            continue
        if rng.random() < 0.2:
            del place[key]
        else:
            place[key] = rng.choice(ODD_VALUES)
        return


def _zip(method: int, entries: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made:
        for name, data in entries.items():
            made.writestr(zipfile.ZipInfo(name), data, method)
    return buffer.getvalue()


ZIPS = [
    _zip(zipfile.ZIP_STORED, {"a": b"alpha", "b/c": b"beta" * 40}),
    _zip(zipfile.ZIP_DEFLATED, {"frame-00000.png": numbered_png(0)[:400], "timing.json": b"[]" * 50}),
    _zip(zipfile.ZIP_STORED, small_entries(2)),
]
PNGS = [numbered_png(7, width=16, height=16, mode=mode) for mode in ("RGBA", "RGB", "L", "P", "1", "LA")]
TIMING = orjson.dumps(json.loads(small_entries(12)["timing.json"]))
TARGETS: Mapping[str, Target] = {"zip": zips, "png": pngs, "timing": timings}
