"""Tapes that are odd, and bake right all the same."""

import io
import json
import struct
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from tests.conftest import Bake
from tests.media_files import decode, decode_sound, probe
from tests.tapes import (
    RATE_HZ,
    flat_png,
    frame_names,
    jittered_starts_ms,
    numbered_png,
    read_numbers,
    small_entries,
    tape_entries,
    timing_of,
    wav,
)

Entries = Mapping[str, bytes]


def renamed(rename: Callable[[str], str]) -> dict[str, bytes]:
    return {rename(name): data for name, data in small_entries(12).items()}


def without_timing(name: Callable[[int], str]) -> dict[str, bytes]:
    return {name(index): numbered_png(index) for index in range(12)}


def rewrapped() -> dict[str, bytes]:
    entries = small_entries(12)
    entries["timing.json"] = json.dumps({"frames": json.loads(entries["timing.json"])}).encode()
    return entries


def unnamed() -> dict[str, bytes]:
    rows = [{"duration": 1000 / 30} for _ in range(12)]
    return small_entries(12) | {"timing.json": json.dumps(rows).encode()}


GOOD: dict[str, dict[str, bytes]] = {
    "as the recorder writes it": small_entries(12),
    "no sound": small_entries(12),
    "one top folder": renamed(lambda name: f"wand-1729177200000/{name}"),
    "a folder of another alphabet": renamed(lambda name: f"лента 1/{name}"),
    "with what a file manager adds": renamed(lambda name: f"t/{name}")
    | {"__MACOSX/t/._frame-00000.png": b"x"},
    "frames in an object": rewrapped(),
    "times without names": unnamed(),
    "names without padding": without_timing("frame-{}.png".format),
    "names without a dash": without_timing("frame{:06d}.png".format),
    "the recorder's local export": without_timing("frame_2025.10.17.14.20.{}.003.png".format),
    "names in capitals": without_timing("FRAME-{}.PNG".format),
    "gaps in the numbers": without_timing(lambda index: f"frame-{index * 7:05d}.png"),
    "metadata that is not JSON": small_entries(12) | {"metadata.json": b"{"},
}


@pytest.mark.parametrize("name", GOOD)
async def test_odd_but_good(bake: Bake, video: Path, work: Path, name: str) -> None:
    """Every frame is there, in its order."""
    await bake(GOOD[name])
    numbers = read_numbers(decode(video, 192, 192))
    assert list(dict.fromkeys(numbers)) == list(range(12))
    assert list(work.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("audio.wav", ["-c:a", "pcm_s16le", "-ar", "44100", "-ac", "1"]),
        ("audio.webm", ["-c:a", "libopus"]),
        ("soundtrack.mp3", ["-c:a", "libmp3lame"]),
        ("soundtrack.ogg", ["-c:a", "libvorbis"]),
        ("soundtrack.m4a", ["-c:a", "aac", "-f", "mp4"]),
    ],
)
async def test_every_kind_of_sound(
    bake: Bake, tmp_path: Path, video: Path, name: str, encoding: list[str]
) -> None:
    """A click at half a second is heard at half a second, whatever it was carried in."""
    samples = np.zeros(RATE_HZ, dtype=np.int16)
    samples[RATE_HZ // 2 : RATE_HZ // 2 + 2400] = (20_000 * np.sin(np.arange(2400) / 8)).astype(np.int16)
    (tmp_path / "in.wav").write_bytes(wav(0, samples=samples))
    made = tmp_path / name
    command = ["ffmpeg", "-v", "error", "-i", str(tmp_path / "in.wav"), *encoding, str(made)]
    subprocess.run(command, check=True)
    entries = tape_entries([index * 1000 / 30 for index in range(30)]) | {name: made.read_bytes()}
    outcome = await bake(entries)
    assert outcome.result is not None
    assert outcome.result["avOffsetMs"] is not None
    heard = int(np.argmax(np.abs(decode_sound(video).astype(int)) > 6000)) / RATE_HZ
    assert heard == pytest.approx(0.5, abs=0.012)


async def test_a_webm_from_a_live_recorder(bake: Bake, video: Path) -> None:
    """Written to a pipe, it has no duration; its sound is there all the same."""
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=1", "-c:a", "libopus", "-f", "webm", "-"]
    live = subprocess.run(command, check=True, capture_output=True).stdout
    await bake(small_entries(30) | {"audio.webm": live})
    assert np.abs(decode_sound(video).astype(int)).mean() > 100


@pytest.mark.parametrize("starts_s", [0.4, 2.0])
async def test_sound_that_starts_late(bake: Bake, tmp_path: Path, video: Path, starts_s: float) -> None:
    """A WebM whose sound begins after its picture would: what it says is when it is heard."""
    made = tmp_path / "late.webm"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=0.5:f=1000", "-af", "volume=20dB"]
    subprocess.run([*command, "-output_ts_offset", str(starts_s), "-c:a", "libopus", str(made)], check=True)
    entries = tape_entries([index * 1000 / 30 for index in range(90)]) | {"audio.webm": made.read_bytes()}
    await bake(entries)
    heard = int(np.argmax(np.abs(decode_sound(video).astype(int)) > 3000)) / RATE_HZ
    assert heard == pytest.approx(starts_s, abs=0.012)


def streamed_wav() -> bytes:
    """Give a WAV as it is written to a pipe: nobody could go back and fill in its sizes."""
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=1", "-f", "wav", "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def two_mp3s() -> bytes:
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=1", "-f", "mp3", "-"]
    one = subprocess.run(command, check=True, capture_output=True).stdout
    return one + bytes(3000) + one


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("soundtrack.wav", lambda: wav(1.0)[:-1001]),
        ("soundtrack.wav", streamed_wav),
        ("soundtrack.mp3", two_mp3s),
    ],
)
async def test_sound_that_is_not_quite_right(
    bake: Bake, video: Path, name: str, make: Callable[[], bytes]
) -> None:
    """A cut file, sizes that are not known, garbage in the middle: players play it, so does the video."""
    outcome = await bake(small_entries(30) | {name: make()})
    assert outcome.result is not None
    assert outcome.result["avOffsetMs"] is not None
    assert len(decode_sound(video)) / RATE_HZ == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("mask", [0x600, 0xC0, 0x101, 0x18])
async def test_pairs_that_are_not_left_and_right(bake: Bake, video: Path, mask: int) -> None:
    """Two channels for other speakers than the front ones are left and right all the same."""
    block = struct.pack("<HHIIHHHHI", 0xFFFE, 2, 48_000, 192_000, 4, 16, 22, 16, mask)
    kind = block + struct.pack("<H", 1) + bytes.fromhex("000000001000800000aa00389b71")
    sine = (20_000 * np.sin(np.arange(48_000) / 8)).astype("<i2")
    data = np.repeat(sine[:, None], 2, 1).tobytes()
    body = b"WAVEfmt " + struct.pack("<I", len(kind)) + kind + b"data" + struct.pack("<I", len(data)) + data
    await bake(small_entries(30) | {"soundtrack.wav": b"RIFF" + struct.pack("<I", len(body)) + body})
    assert np.abs(decode_sound(video).astype(int)).max() > 10_000


async def test_palettes_keep_their_colors(bake: Bake, video: Path) -> None:
    """A palette's colours go through BT.709 like any other's."""
    colors = [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    picture = Image.new("RGB", (60, 60))
    for index, color in enumerate(colors):
        picture.paste(color, (index * 20, 0, index * 20 + 20, 60))
    buffer = io.BytesIO()
    picture.quantize(8).save(buffer, "PNG")
    await bake({"frame-0.png": buffer.getvalue()})
    frame = decode(video, 180, 180, pixel_format="rgb24")[0].astype(int)
    for index, color in enumerate(colors):
        assert frame[90, 30 + 60 * index] == pytest.approx(color, abs=3)


async def test_sound_without_a_sample(bake: Bake, video: Path) -> None:
    """A WAV of no length is no sound, and that is told."""
    outcome = await bake(small_entries() | {"soundtrack.wav": wav(0)})
    assert outcome.result is not None
    assert [warning["code"] for warning in outcome.result["warnings"]] == ["SOUND_EMPTY"]
    assert [stream["codec_type"] for stream in probe(video)["streams"]] == ["video"]


async def test_half_transparent_odd_frames_with_sound(bake: Bake, video: Path) -> None:
    """All at once: alpha, an odd size, jitter at 120 fps, sound, a top folder."""
    starts = jittered_starts_ms(60, 120)
    names = frame_names(60)
    entries = {f"t/{name}": flat_png((255, 255, 255, 128), width=33, height=17) for name in names}
    entries["t/timing.json"] = json.dumps(timing_of(starts, names)).encode()
    entries["t/soundtrack.wav"] = wav(0.6)
    outcome = await bake(entries)
    assert outcome.result is not None
    assert outcome.result["resolution"] == [100, 52]
    assert decode(video, 100, 52).mean() == pytest.approx(128, abs=3)


async def test_interlaced_pngs(bake: Bake, video: Path) -> None:
    """Adam7 is read like any other."""
    command = ["ffmpeg", "-v", "error", "-f", "png_pipe", "-i", "-", "-c:v", "png", "-f", "image2pipe", "-"]
    plain = numbered_png(9)
    interlaced = subprocess.run(
        [*command[:-3], "-flags", "+ildct", *command[-3:]], input=plain, check=True, capture_output=True
    ).stdout
    assert interlaced[28] == 1
    await bake({"frame-0.png": interlaced})
    assert read_numbers(decode(video, 192, 192)) == [9]


async def test_kinds_of_png_may_differ_within_a_tape(bake: Bake, video: Path) -> None:
    """Gray, palette, colour, with and without alpha, one after the other."""
    modes = ["RGBA", "L", "P", "RGB", "LA", "1", "RGBA"]
    await bake({f"frame-{index}.png": numbered_png(index, mode=mode) for index, mode in enumerate(modes)})
    assert list(dict.fromkeys(read_numbers(decode(video, 192, 192)))) == list(range(7))


async def test_a_broken_thumbnail_is_a_warning(bake: Bake, thumbnail: Path, video: Path) -> None:
    """Where the thumbnail cannot be written the video still is."""
    thumbnail.mkdir(parents=True)
    outcome = await bake(small_entries())
    assert outcome.result is not None
    assert [warning["code"] for warning in outcome.result["warnings"]] == ["THUMBNAIL_FAILED"]
    assert video.exists()


async def test_the_newest_ffmpeg(bake: Bake, video: Path) -> None:
    """The same schedule, sound and colours from another ffmpeg than the system's."""
    starts = jittered_starts_ms(60, 60)
    newest = {"ffmpeg": imageio_ffmpeg.get_ffmpeg_exe()}
    outcome = await bake(tape_entries(starts, sound=wav(1.2)), overrides=newest)
    assert outcome.result is not None
    assert not outcome.result["encoder"]["ffmpeg"].startswith("5.")
    numbers = read_numbers(decode(video, 192, 192))
    assert numbers == sorted(numbers)
    assert len(numbers) == outcome.result["frames"]
    for slot, number in enumerate(numbers):
        if slot == 0 or numbers[slot - 1] != number:
            assert abs(slot / 60 - starts[number] / 1000) <= 0.5 / 60 + 1e-6
