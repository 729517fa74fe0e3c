"""Soundtracks that are none, and those that mean harm."""

import struct
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from oven.domain.errors import Code
from tests.corpus.case import BadTape, bad_tape
from tests.corpus.disguises import disguises
from tests.tapes import numbered_png, small_entries, wav

# What says by its first bytes what it is; MP3 has no beginning, so something may be found in most files.
STRICT = ("soundtrack.wav", "audio.webm", "soundtrack.m4a", "soundtrack.ogg")


def cases(canary: Path) -> Iterator[BadTape]:
    """Give every tape with a bad soundtrack."""
    for name in (*STRICT, "soundtrack.mp3"):
        for what, data in _of_nothing().items():
            yield _case(f"{name}, {what}", name, data)
    for disguise in ("a playlist of a file", "a list of files", "a DASH manifest"):
        for name in (*STRICT, "soundtrack.mp3"):
            yield _case(f"{name}, {disguise}", name, disguises(canary)[disguise])
    for name in STRICT:
        yield _case(f"{name}, of another format", name, _other(name))
        yield _case(f"{name}, its head alone", name, _own(name)[:16])
    for what, data in _odd_waves().items():
        yield _case(f"soundtrack.wav, {what}", "soundtrack.wav", data)
    for name in ("soundtrack.m4a", "audio.webm"):
        yield _case(f"{name}, of pictures alone", name, _pictures_alone(name))
    yield _case("soundtrack.m4a, whose sound is in another file", "soundtrack.m4a", _elsewhere(canary))


def _case(name: str, file: str, data: bytes) -> BadTape:
    return bad_tape(f"sound: {name}", Code.AUDIO_INVALID, small_entries(4) | {file: data}, file)


def _of_nothing() -> dict[str, bytes]:
    return {
        "empty": b"",
        "text": b"this is no sound at all, whatever it is called\n" * 20,
        "a PNG": numbered_png(1),
        "zeros": bytes(20_000),
    }


def _odd_waves() -> dict[str, bytes]:
    def wave(*, tag: int = 1, channels: int = 2, rate: int = 48_000, bits: int = 16) -> bytes:
        block = max(1, channels * bits // 8) & 0xFFFF
        head = struct.pack("<HHIIHH", tag, channels, rate, (rate * block) & 0xFFFF_FFFF, block, bits)
        body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", 4_000)
        return b"RIFF" + struct.pack("<I", len(body) + 4_000) + body + bytes(4_000)

    whole = wav(0.1)
    return {
        "no channels": wave(channels=0),
        "65 535 channels": wave(channels=65_535),
        "9 channels": wave(channels=9),
        "no rate": wave(rate=0),
        "a rate of 4 GHz": wave(rate=0xFFFF_FFFF),
        "0 bits": wave(bits=0),
        "a codec that nobody knows": wave(tag=0xBEEF),
        "no format": whole[:12] + whole[36:],
        "cut in its format": whole[:30],
        "a RIFF of another kind": whole[:8] + b"AVI " + whole[12:],
    }


@cache
def _encoded(*arguments: str) -> bytes:
    command = ["ffmpeg", "-v", "error", *arguments, "-movflags", "+frag_keyframe+empty_moov", "-"]
    if "mp4" not in arguments:
        command = ["ffmpeg", "-v", "error", *arguments, "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def _tone(*codec: str) -> bytes:
    return _encoded("-f", "lavfi", "-i", "sine=d=0.2", *codec)


def _own(name: str) -> bytes:
    match name.rsplit(".", 1)[1]:
        case "webm":
            return _tone("-c:a", "libopus", "-f", "webm")
        case "m4a":
            return _tone("-c:a", "aac", "-f", "mp4")
        case "ogg":
            return _tone("-c:a", "libvorbis", "-f", "ogg")
        case _:
            return wav(0.2)


def _other(name: str) -> bytes:
    return _tone("-c:a", "libvorbis", "-f", "ogg") if name != "soundtrack.ogg" else wav(0.2)


def _pictures_alone(name: str) -> bytes:
    video = ("-f", "lavfi", "-i", "color=s=64x64:d=0.2:r=10")
    if name.endswith("m4a"):
        return _encoded(*video, "-c:v", "libx264", "-f", "mp4")
    return _encoded(*video, "-c:v", "libvpx", "-f", "webm")


def _elsewhere(canary: Path) -> bytes:
    """Give an MP4 whose data reference leads to another file."""
    whole = _own("soundtrack.m4a")
    here = struct.pack(">I4sI", 12, b"url ", 1)
    there = b"file://" + bytes(canary) + b"\0"
    away = struct.pack(">I4sI", 12 + len(there), b"url ", 0) + there
    grown = len(away) - len(here)
    made = bytearray(whole.replace(here, away))
    # Every box around it is longer by as much.
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        at = made.index(kind) - 4
        made[at : at + 4] = (int.from_bytes(made[at : at + 4]) + grown).to_bytes(4)
    return bytes(made)
