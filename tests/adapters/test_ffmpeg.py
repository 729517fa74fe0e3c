"""ffmpeg as a child: what it makes, and how each of its ends is told."""

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import imageio_ffmpeg
import pytest

from oven.adapters.ffmpeg import ENCODERS, EXPORT_ENCODERS, Ffmpeg, missing_encoders, program_version
from oven.adapters.sandbox import Sandbox
from oven.domain.errors import BadInputError, Code, FaultError, OvenError
from oven.media.source import read_source
from oven.media.stills import MAX_TIMES, Taking, take_first, take_moments
from oven.pipeline.ports import MediaUnreadableError
from tests.adapters.test_process import wait_for_pid, wait_until_gone
from tests.media_makes import Makes
from tests.tapes import wav

FFMPEG = Ffmpeg(ffmpeg="ffmpeg", ffprobe="ffprobe", version="any", sandbox=Sandbox())
Fake = Callable[[str], Ffmpeg]


@pytest.fixture
def fake(tmp_path: Path) -> Fake:
    """Make an ffmpeg of a shell script."""

    def make(script: str) -> Ffmpeg:
        program = tmp_path / "fake-ffmpeg"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        return Ffmpeg(ffmpeg=str(program), ffprobe=str(program), version="0", sandbox=Sandbox())

    return make


async def run(
    ffmpeg: Ffmpeg,
    folder: Path,
    *arguments: str,
    timeout_s: float = 30,
    stall_s: float = 30,
    say: Callable[[str], None] = lambda _: None,
) -> list[tuple[float, float | None]]:
    seen: list[tuple[float, float | None]] = []
    await ffmpeg.encode(
        arguments,
        folder,
        frames=50,
        timeout_s=timeout_s,
        stall_s=stall_s,
        memory_bytes=1 << 31,
        threads=2,
        report=lambda fraction, speed=None: seen.append((fraction, speed)),
        say=say,
    )
    return seen


async def take_pictures(ffmpeg: Ffmpeg, folder: Path, taking: Taking, *, timeout_s: float = 30) -> list[str]:
    """Take them within the bounds that were worked out, and name those that were made."""
    await ffmpeg.take_stills(
        taking.arguments, folder, timeout_s=timeout_s, memory_bytes=taking.memory_bytes, say=lambda _: None
    )
    return [file for file in taking.outputs if (folder / file).is_file()]


async def taking_of(file: Path, folder: Path, *times_s: float) -> Taking:
    source = read_source(await FFMPEG.probe_source(file))
    taking = take_moments(source, times_s) if times_s else take_first(source)
    (folder / taking.input).parent.mkdir()
    (folder / taking.input).symlink_to(file)
    return taking


async def failure(ffmpeg: Ffmpeg, folder: Path, **limits: Any) -> OvenError:
    with pytest.raises(OvenError) as caught:
        await run(ffmpeg, folder, **limits)
    return caught.value


async def test_progress_of_a_real_encode(tmp_path: Path) -> None:
    """Frames are counted from what ffmpeg says, up to the last; so is its speed."""
    source = ("-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=2")
    seen = await run(FFMPEG, tmp_path, "-v", "error", "-progress", "pipe:1", *source, "out.mp4")
    fraction, speed = seen[-1]
    assert fraction == 1.0
    assert speed is not None
    assert speed > 0
    assert (tmp_path / "out.mp4").stat().st_size > 0


async def test_what_it_said_comes_to_the_log(fake: Fake, tmp_path: Path) -> None:
    """How it was called first, then its own words as they come, of a good encode, too."""
    said: list[str] = []
    await run(fake("echo one word >&2"), tmp_path, "-i", "a b", say=said.append)
    assert "".join(said) == "ffmpeg 0: -i 'a b'\none word\n"


async def test_too_little_memory(tmp_path: Path) -> None:
    """A bound that is too low is told as such; a smaller load may let it pass."""
    source = ("-f", "lavfi", "-i", "testsrc=s=3840x2160:r=25:d=1")
    with pytest.raises(OvenError) as caught:
        await FFMPEG.encode(
            ["-v", "error", *source, "-c:v", "libx264", "out.mp4"],
            tmp_path,
            frames=25,
            timeout_s=30,
            stall_s=30,
            memory_bytes=500 << 20,
            threads=2,
            report=lambda *_: None,
            say=lambda _: None,
        )
    assert (caught.value.code, caught.value.retryable) == (Code.ENCODE_OOM, True)


async def test_a_refused_encode(tmp_path: Path) -> None:
    """ENCODE_FAILED; what ffmpeg said is for the log, not for the message."""
    with pytest.raises(FaultError) as caught:
        await run(FFMPEG, tmp_path, "-v", "error", "-i", "file:missing.png", "out.mp4")
    assert caught.value.code is Code.ENCODE_FAILED
    assert "missing.png" in caught.value.detail
    assert "missing.png" not in caught.value.message


async def test_a_killed_ffmpeg(tmp_path: Path, fake: Fake) -> None:
    """ENCODE_CRASHED, worth another try."""
    error = await failure(fake("kill -9 $$"), tmp_path)
    assert (error.code, error.retryable) == (Code.ENCODE_CRASHED, True)


async def test_a_stalled_ffmpeg(tmp_path: Path, fake: Fake) -> None:
    """ENCODE_STALLED: its progress says the same again and again."""
    script = "while :; do echo frame=1; echo progress=continue; sleep 0.05; done"
    error = await failure(fake(script), tmp_path, stall_s=0.5)
    assert (error.code, error.retryable) == (Code.ENCODE_STALLED, True)


async def test_a_slow_ffmpeg(tmp_path: Path, fake: Fake) -> None:
    """ENCODE_TIMEOUT: it moves, but not fast enough."""
    script = "i=0; while :; do i=$((i+1)); echo frame=$i; echo progress=continue; sleep 0.05; done"
    error = await failure(fake(script), tmp_path, timeout_s=0.6)
    assert error.code is Code.ENCODE_TIMEOUT


async def test_a_full_disk(tmp_path: Path, fake: Fake) -> None:
    """DISK_FULL, by ffmpeg's words."""
    error = await failure(
        fake("echo 'av_interleaved_write_frame(): No space left on device' >&2; exit 1"), tmp_path
    )
    assert error.code is Code.DISK_FULL


async def test_a_missing_ffmpeg(tmp_path: Path) -> None:
    """ENCODER_UNAVAILABLE, at start and in the middle of the day."""
    with pytest.raises(FaultError) as caught:
        await Ffmpeg.find(str(tmp_path / "nothing"), "ffprobe", Sandbox())
    assert caught.value.code is Code.ENCODER_UNAVAILABLE
    assert "OVEN_FFMPEG" in caught.value.hint
    gone = Ffmpeg(ffmpeg=str(tmp_path / "nothing"), ffprobe="ffprobe", version="0", sandbox=Sandbox())
    assert (await failure(gone, tmp_path)).code is Code.ENCODER_UNAVAILABLE


async def test_cancelling_leaves_nothing(tmp_path: Path, fake: Fake) -> None:
    """The process is gone when the scope is."""
    ffmpeg = fake(f"echo $$ > {tmp_path}/pid; sleep 600")
    async with anyio.create_task_group() as group:
        group.start_soon(run, ffmpeg, tmp_path)
        pid = await wait_for_pid(tmp_path / "pid")
        group.cancel_scope.cancel()
    wait_until_gone(pid)


async def test_probing_sound(tmp_path: Path) -> None:
    """The facts of a real WAV."""
    file = tmp_path / "a.bin"
    file.write_bytes(wav(0.5))
    facts = await FFMPEG.probe(file, demuxer="wav", sound_s=9)
    assert facts["streams"][0]["sample_rate"] == "48000"


@pytest.mark.parametrize("demuxer", ["wav", "mp3", "mov", "matroska", "ogg"])
async def test_probing_a_playlist(tmp_path: Path, demuxer: str) -> None:
    """A playlist with a sound's name is not followed to other files, whatever it is taken for."""
    secret = tmp_path / "secret.wav"
    secret.write_bytes(wav(0.5))
    file = tmp_path / "a.bin"
    file.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n")
    try:
        facts = await FFMPEG.probe(file, demuxer=demuxer, sound_s=9)
    except MediaUnreadableError:
        return
    assert all(stream.get("sample_rate", "0") == "0" for stream in facts["streams"])


async def test_versions(fake: Fake) -> None:
    """Too old is refused with what is needed; a build without a number is taken as new."""
    found = await Ffmpeg.find("ffmpeg", "ffprobe", Sandbox())
    assert await program_version("ffprobe") == found.version
    assert await program_version(fake("echo 'ffmpeg version N-123-gabc Copyright'").ffmpeg) == "N-123-gabc"
    with pytest.raises(FaultError) as caught:
        await program_version(fake("echo 'ffmpeg version 4.4.2-0ubuntu0 Copyright'").ffmpeg)
    assert "4.4.2-0ubuntu0; 5.1 or newer" in caught.value.message


async def test_encoders(fake: Fake) -> None:
    """All there in real ones, old and new; named where not."""
    assert await missing_encoders("ffmpeg") == []
    assert await missing_encoders(imageio_ffmpeg.get_ffmpeg_exe()) == []
    assert await missing_encoders(fake("echo ' V..... vp8  VP8'").ffmpeg) == list(ENCODERS)
    assert await missing_encoders("ffmpeg", EXPORT_ENCODERS) == []
    known = "echo ' V..... libx264  H.264'; echo ' A..... libopus  Opus'"
    assert set(EXPORT_ENCODERS) - set(await missing_encoders(fake(known).ffmpeg, EXPORT_ENCODERS)) == {
        *("libx264", "libopus"),
    }


async def test_an_encoder_that_is_not_there(tmp_path: Path) -> None:
    """ENCODER_UNAVAILABLE, with its name: no fault of the film, nor one that passes."""
    with pytest.raises(FaultError) as caught:
        await run(FFMPEG, tmp_path, "-f", "lavfi", "-i", "color=s=64x64", "-c:v", "libx999", "out.mp4")
    assert caught.value.code is Code.ENCODER_UNAVAILABLE
    assert caught.value.message == "this ffmpeg cannot encode by libx999"


@pytest.mark.parametrize("script", ["exit 1", "echo hello", "exit 127"])
async def test_what_is_no_ffmpeg(fake: Fake, script: str) -> None:
    """A program that does not answer as one is told at once."""
    with pytest.raises(FaultError) as caught:
        await program_version(fake(script).ffmpeg)
    assert caught.value.code is Code.ENCODER_UNAVAILABLE


@pytest.mark.parametrize("script", ["echo '['", "echo '[1]'", "true"])
async def test_a_probe_that_is_none(tmp_path: Path, fake: Fake, script: str) -> None:
    """An answer that is no object is no answer."""
    with pytest.raises(MediaUnreadableError):
        await fake(script).probe(tmp_path / "x", demuxer="wav", sound_s=9)


async def test_probing_a_source(makes: Makes) -> None:
    """A stranger's file is told by its bytes."""
    probe = await FFMPEG.probe_source(makes["plain.mkv"])
    assert (probe["container"], probe["demuxer"], len(probe["streams"])) == ("mkv", "matroska", 2)


@pytest.mark.parametrize("program", ["ffmpeg", imageio_ffmpeg.get_ffmpeg_exe()], ids=["5.1", "newest"])
async def test_as_many_pictures_as_may_be(makes: Makes, tmp_path: Path, program: str) -> None:
    """All are made within the bound of memory, by old ffmpegs and new; after the end there is none."""
    times_s = [0.5 * number / MAX_TIMES for number in range(MAX_TIMES - 1)]
    taking = await taking_of(makes["plain.mp4"], tmp_path, *times_s, 99)
    ffmpeg = Ffmpeg(ffmpeg=program, ffprobe="ffprobe", version="any", sandbox=Sandbox())
    assert await take_pictures(ffmpeg, tmp_path, taking) == list(taking.outputs[:-1])


async def test_pictures_that_cannot_be_decoded(makes: Makes, tmp_path: Path) -> None:
    """The file is to blame, and nothing is tried again."""
    taking = await taking_of(makes["faststart.mp4"], tmp_path)
    whole = bytearray(makes["faststart.mp4"].read_bytes())
    begin = whole.index(b"mdat") + 4
    whole[begin:] = bytes(len(whole) - begin)
    (tmp_path / taking.input).unlink()
    (tmp_path / taking.input).write_bytes(whole)
    with pytest.raises(BadInputError) as caught:
        await take_pictures(FFMPEG, tmp_path, taking)
    assert caught.value.code is Code.MEDIA_INVALID


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("kill -9 $$", Code.ENCODE_CRASHED),
        ("sleep 600", Code.ENCODE_TIMEOUT),
        ("echo Cannot allocate memory >&2; exit 1", Code.ENCODE_OOM),
        ("echo No space left on device >&2; exit 1", Code.DISK_FULL),
        ("exit 127", Code.ENCODER_UNAVAILABLE),
    ],
)
async def test_pictures_that_the_machine_fails(
    makes: Makes, tmp_path: Path, fake: Fake, script: str, code: Code
) -> None:
    """Which may pass: it is tried again."""
    taking = await taking_of(makes["plain.mp4"], tmp_path)
    with pytest.raises(OvenError) as caught:
        await take_pictures(fake(script), tmp_path, taking, timeout_s=0.5)
    assert (caught.value.code, caught.value.retryable) == (code, True)
