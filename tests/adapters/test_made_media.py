"""What was made, proved by ffmpeg and ffprobe; and key frames, found in films of many makes."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from oven.adapters.made_media import decode, find_key_frame, measure
from oven.adapters.probing import Ffprobe
from oven.adapters.sandbox import Sandbox
from oven.domain.errors import BadInputError, Code, FaultError, OvenError
from tests.media_makes import ENCODED, PICTURES, SOUND, Makes

FFPROBE = Ffprobe(program="ffprobe", sandbox=Sandbox())
DEMUXERS = {"mov": "mov", "mp4": "mov", "mkv": "matroska", "webm": "matroska", "avi": "avi", "ts": "mpegts"}
FAST = ("-preset", "ultrafast", "-pix_fmt", "yuv420p")
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-pix_fmt", "yuv420p")
# A key frame every fifth frame, and pictures in another order in between.
KEYS = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "5", "-bf", "2")
FILMS: Mapping[str, tuple[str, ...]] = {
    "keys.mp4": (*PICTURES, *SOUND, *KEYS, "-c:a", "aac"),
    # What is shown first is not the first that is stored: an edit list leaves it out.
    "edited.mp4": ("-ss", "0.1", "-i", "@keys.mp4", "-c", "copy"),
    "keys.mkv": ("-i", "@keys.mp4", "-c", "copy"),
    "keys.ts": ("-i", "@keys.mp4", "-c", "copy"),
    "keys.webm": (*PICTURES, *SOUND, *VP9, "-g", "5", "-c:a", "libopus"),
    "keys.avi": (*PICTURES, *SOUND, "-c:v", "mpeg4", "-g", "5", "-bf", "2", "-c:a", "mp3"),
    # Its sound begins before its first key frame.
    "late.mp4": (
        *("-itsoffset", "0.4", "-i", "@keys.mp4", "-i", "@keys.mp4"),
        *("-map", "0:v", "-map", "1:a", "-c", "copy"),
    ),
    "h265.mp4": (*PICTURES, *SOUND, "-c:v", "libx265", *FAST, "-x265-params", "log-level=none"),
    # This encoder takes no smaller pictures.
    "av1.mkv": (
        *PICTURES,
        *SOUND,
        "-vf",
        "scale=64:64",
        "-c:v",
        "libsvtav1",
        "-preset",
        "12",
        "-c:a",
        "flac",
    ),
    "plain.avi": (*PICTURES, *SOUND, "-c:v", "libx264", "-bf", "0", *FAST, "-c:a", "mp3"),
    "mp3.mov": (*PICTURES, *SOUND, *KEYS, "-c:a", "mp3"),
    "opus.mp4": (*PICTURES, *SOUND, *KEYS, "-c:a", "libopus"),
    "shifted.mp4": (*PICTURES, "-itsoffset", "0.25", *SOUND, *KEYS, "-c:a", "aac"),
    "shifted.mkv": (*PICTURES, "-itsoffset", "0.25", *SOUND, *KEYS, "-c:a", "aac"),
    "shifted.webm": (*PICTURES, "-itsoffset", "0.25", *SOUND, *VP9, "-c:a", "libopus"),
}


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Makes:
    """Films by name, some of them made for these tests."""
    return Makes(tmp_path_factory.mktemp("films"), {**ENCODED, **FILMS})


def demuxer_of(name: str) -> str:
    return DEMUXERS[name.rpartition(".")[2]]


async def decoded(file: Path, *, keys_only: bool = False, **options: Any) -> dict[str, Any]:
    bounds: dict[str, Any] = {"timeout_s": 30, "stall_s": 30, "memory_bytes": 1 << 31, "threads": 2} | options
    return await decode(
        bounds.pop("program", "ffmpeg"),
        Sandbox(),
        file,
        demuxer=demuxer_of(file.name),
        keys_only=keys_only,
        frames=15,
        report=bounds.pop("report", lambda _: None),
        **bounds,
    )


def key_frames_s(file: Path) -> list[float]:
    """List when the key frames of a film are shown, or decoded, counted from its begin."""

    def asked(entries: str, *words: str) -> list[str]:
        command: list[str | Path] = ["ffprobe", "-v", "error", *words, "-show_entries", entries]
        said = subprocess.run([*command, "-of", "csv=p=0", file], check=True, capture_output=True, text=True)
        return said.stdout.split()

    begin_s = float(asked("format=start_time")[0])
    packets = [
        line.split(",")
        for line in asked("packet=pts_time,dts_time,flags:packet_side_data=", "-select_streams", "v")
    ]
    return [float(dts if pts == "N/A" else pts) - begin_s for pts, dts, flags, *_ in packets if "K" in flags]


@pytest.mark.parametrize("name", ["keys.mp4", "edited.mp4", "keys.mkv", "keys.webm", "keys.avi", "keys.ts"])
async def test_the_key_frame_before(films: Makes, name: str) -> None:
    """Is the last at or before an instant, as a list of all of them says."""
    keys_s = key_frames_s(films[name])
    at_s = keys_s[2] - 0.01
    found_s = await find_key_frame(FFPROBE, films[name], demuxer=demuxer_of(name), stream=0, at_s=at_s)
    assert found_s == pytest.approx(keys_s[1], abs=0.0015)


@pytest.mark.parametrize("name", ["late.mp4", "keys.ts"])
async def test_the_first_key_frame(films: Makes, name: str) -> None:
    """Is given where there is none before."""
    found_s = await find_key_frame(FFPROBE, films[name], demuxer=demuxer_of(name), stream=0, at_s=0)
    assert found_s == pytest.approx(key_frames_s(films[name])[0], abs=0.0015)
    assert found_s > 0.01


async def test_no_key_frames_at_all(films: Makes) -> None:
    """In a stream that is not there: the begin is as good as any; in no film nothing is found."""
    assert await find_key_frame(FFPROBE, films["keys.mp4"], demuxer="mov", stream=7, at_s=0.3) == 0
    with pytest.raises(BadInputError) as caught:
        await find_key_frame(FFPROBE, films["noise.mp4"], demuxer="mov", stream=0, at_s=0.3)
    assert caught.value.code is Code.MEDIA_INVALID


@pytest.mark.parametrize(
    "name", ["keys.mp4", "h265.mp4", "opus.mp4", "mp3.mov", "keys.mkv", "av1.mkv", "keys.webm", "plain.avi"]
)
async def test_nothing_is_wrong(films: Makes, name: str) -> None:
    """With what our encoders make, in the containers that it goes to."""
    assert await decoded(films[name]) == {"frames": 15, "complaints": 0}


@pytest.mark.parametrize("name", ["edited.mp4", "late.mp4", "keys.avi", "keys.ts"])
async def test_copies_of_odd_films(films: Makes, name: str) -> None:
    """Their key frames are decoded, be they shown or not, and nothing is wrong with them."""
    keys = len(key_frames_s(films[name]))
    assert await decoded(films[name], keys_only=True) == {"frames": keys, "complaints": 0}


def _damaged(whole: bytes) -> bytes:
    middle = len(whole) // 2
    return (
        whole[:middle] + bytes(byte ^ 0x5A for byte in whole[middle : middle + 400]) + whole[middle + 400 :]
    )


@pytest.mark.parametrize("name", ["faststart.mp4", "keys.mkv", "plain.avi"])
async def test_damage(films: Makes, tmp_path: Path, name: str) -> None:
    """Is found in what was made; of a copy it is told, for it may well be the source's."""
    bad = tmp_path / name
    bad.write_bytes(_damaged(films[name].read_bytes()))
    with pytest.raises(FaultError, match="what was made cannot be decoded") as caught:
        await decoded(bad)
    assert caught.value.code is Code.OUTPUT_INVALID
    assert caught.value.detail
    assert (await decoded(bad, keys_only=True))["complaints"] > 0


@pytest.mark.parametrize("name", ["cut_faststart.mp4", "cut.mkv", "no_index.mp4", "header_only.mp4"])
async def test_what_is_not_whole(films: Makes, name: str) -> None:
    """Is found, wherever its end is missing."""
    with pytest.raises(FaultError) as caught:
        await decoded(films[name])
    assert caught.value.code is Code.OUTPUT_INVALID


async def test_progress(films: Makes) -> None:
    """By the pictures that were decoded."""
    told: list[float] = []
    await decoded(films["keys.mp4"], report=told.append)
    assert told[-1] == 1


@pytest.mark.parametrize(
    ("script", "options", "code"),
    [
        ("sleep 60", {"timeout_s": 0.3}, Code.ENCODE_TIMEOUT),
        ("sleep 60", {"stall_s": 0.2}, Code.ENCODE_STALLED),
        ("kill -9 $$", {}, Code.ENCODE_CRASHED),
        ("echo Cannot allocate memory >&2; exit 1", {}, Code.ENCODE_OOM),
    ],
)
async def test_a_proof_that_fails(
    films: Makes, tmp_path: Path, script: str, options: dict[str, Any], code: Code
) -> None:
    """Proves nothing of the film: it is tried again."""
    program = tmp_path / "fake-ffmpeg"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    with pytest.raises(OvenError) as caught:
        await decoded(films["keys.mp4"], program=str(program), **options)
    assert (caught.value.code, caught.value.retryable) == (code, True)


async def measured(file: Path) -> dict[str, Any]:
    return await measure(FFPROBE, file, demuxer=demuxer_of(file.name), timeout_s=30)


@pytest.mark.parametrize(
    ("name", "offset_s"),
    [
        *(("keys.mp4", 0), ("edited.mp4", 0), ("keys.mkv", 0), ("plain.avi", 0)),
        *(("mp3.mov", 0), ("opus.mp4", 0), ("late.mp4", -0.4)),
        *(("shifted.mp4", 0.25), ("shifted.mkv", 0.25), ("shifted.webm", 0.25)),
    ],
)
async def test_when_sound_and_pictures_begin(films: Makes, name: str, offset_s: float) -> None:
    """As far from one another as they were made to, but for what encoders put before the first sample."""
    streams = {stream["codec_type"]: stream for stream in (await measured(films[name]))["streams"]}
    found_s = streams["audio"]["startS"] - streams["video"]["startS"]
    assert offset_s - 0.025 <= found_s <= offset_s + 0.005


async def test_a_measure_that_takes_too_long(films: Makes, tmp_path: Path) -> None:
    """Says nothing of the film: it is tried again."""
    program = tmp_path / "fake-ffprobe"
    program.write_text('#!/bin/sh\ncase "$*" in *json*) echo "{}";; *) sleep 60;; esac\n')
    program.chmod(0o755)
    ffprobe = Ffprobe(program=str(program), sandbox=Sandbox())
    with pytest.raises(OvenError) as caught:
        await measure(ffprobe, films["keys.mp4"], demuxer="mov", timeout_s=0.3)
    assert (caught.value.code, caught.value.retryable) == (Code.ENCODE_TIMEOUT, True)


async def test_a_measure(films: Makes) -> None:
    """Every packet of every stream is counted, with its bytes, from the first begin to the last end."""
    found = await measured(films["keys.mp4"])
    assert found["sizeBytes"] == films["keys.mp4"].stat().st_size
    pictures, sound = found["streams"]
    assert (pictures["codec_name"], pictures["width"], pictures["packets"]) == ("h264", 64, 15)
    assert (pictures["startS"], pictures["endS"]) == (0, pytest.approx(0.6))
    assert (sound["codec_name"], sound["startS"], sound["endS"]) == ("aac", 0, pytest.approx(0.6, abs=0.03))
    assert 0.7 * found["sizeBytes"] < pictures["bytes"] + sound["bytes"] < found["sizeBytes"]
