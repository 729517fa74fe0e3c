"""What strangers' files are: real ones of many makes, spoilt ones, and such as are none."""

import json
import math
import random
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest

from oven.adapters import probing
from oven.adapters.probing import Ffprobe, probe_source
from oven.adapters.sandbox import Sandbox
from oven.domain.asset import AssetType
from oven.domain.errors import BadInputError, Code, OvenError
from oven.media.source import check_source, file_metadata, read_source
from tests.media_makes import Makes

FFPROBE = Ffprobe(program="ffprobe", sandbox=Sandbox())
VIDEO, AUDIO = AssetType.VIDEO, AssetType.AUDIO
CORRUPTIONS = 24
H264 = {"codec": "h264", "width": 64, "height": 48, "frame_rate": 25.0, "variable_frame_rate": False}
MIX = {**H264, "audio_codec": "aac", "audio_tracks": 1, "audio_sample_rate": 48_000, "hdr": None}
SOUND = {"audio_tracks": 1, "audio_channels": 1, "audio_sample_rate": 48_000}


async def facts_of(file: Path, type: AssetType) -> dict[str, Any]:  # noqa: A002
    source = read_source(await probe_source(FFPROBE, file))
    check_source(source, type)
    return file_metadata(source, type)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plain.mp4", {"format": "mp4", **MIX}),
        ("faststart.mp4", {"format": "mp4", **MIX}),
        ("fragmented.mp4", {"format": "mp4", **H264}),
        ("plain.mov", {"format": "mov", **MIX}),
        ("plain.3gp", {"format": "3gp", **MIX}),
        ("plain.mkv", {"format": "mkv", **MIX}),
        ("plain.ts", {"format": "mpegts", **MIX}),
        ("bluray.ts", {"format": "mpegts", **MIX}),
        ("plain.flv", {"format": "flv", **MIX}),
        ("plain.webm", {"format": "webm", **H264, "codec": "vp9", "audio_codec": "opus"}),
        ("live.webm", {"format": "webm", **H264, "codec": "vp9", "audio_codec": "opus"}),
        ("plain.avi", {"format": "avi", **H264, "codec": "mpeg4", "audio_codec": "mp3"}),
        ("ten_tracks.mkv", {**MIX, "audio_tracks": 10}),
        ("two_videos.mp4", {**H264, "width": 32, "height": 32, "video_tracks": 2}),
        ("ac3.mp4", {**MIX, "audio_codec": "ac3"}),
        ("silent.mp4", {**H264, "audio_tracks": 0, "audio_codec": None, "audio_bitrate": None}),
        ("rotated.mp4", {"rotation": 270, "width": 48, "height": 64, "coded_width": 64, "coded_height": 48}),
        ("anamorphic.mp4", {"pixel_aspect_ratio": "4:3", "width": 85, "height": 48, "coded_width": 64}),
        ("variable.mp4", {"variable_frame_rate": True, "frame_rate": pytest.approx(7 / 0.52)}),
        ("thirty.mkv", {"variable_frame_rate": False, "frame_rate": pytest.approx(29.97, abs=0.01)}),
        (
            "hdr10.mp4",
            {
                "hdr": "hdr10",
                "pixel_format": "yuv420p10le",
                "codec": "hevc",
                "color_space": "bt2020nc",
                "color_primaries": "bt2020",
                "color_transfer": "smpte2084",
                "mastering_display": "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)",
                "content_light": "1000,400",
            },
        ),
        ("pq.mp4", {"hdr": "pq"}),
        ("hlg.mp4", {"hdr": "hlg"}),
    ],
)
async def test_videos(makes: Makes, name: str, expected: Mapping[str, Any]) -> None:
    """Their size is as displayed, their facts finite, and few."""
    facts = await facts_of(makes[name], VIDEO)
    assert {key: facts[key] for key in expected} == expected
    assert facts["duration"] == pytest.approx(0.6, abs=0.1)
    assert facts["bitrate"] > 0
    assert all(math.isfinite(fact) for fact in facts.values() if isinstance(fact, int | float))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plain.mp3", {"format": "mp3", "codec": "mp3"}),
        ("cover.mp3", {"format": "mp3", "codec": "mp3"}),
        ("plain.wav", {"format": "wav", "codec": "pcm_s16le", "bitrate": 768_000}),
        ("plain.m4a", {"format": "m4a", "codec": "aac"}),
        ("cover.m4a", {"format": "m4a", "codec": "aac"}),
        ("plain.flac", {"format": "flac", "codec": "flac"}),
        ("plain.ogg", {"format": "ogg", "codec": "vorbis"}),
        ("plain.aac", {"format": "aac", "codec": "aac"}),
    ],
)
async def test_sounds(makes: Makes, name: str, expected: Mapping[str, Any]) -> None:
    """A cover makes no video of a sound; a sound has no width."""
    facts = await facts_of(makes[name], AUDIO)
    expected = {**SOUND, **expected}
    assert {key: facts[key] for key in expected} == expected
    assert facts["duration"] == pytest.approx(0.6, abs=0.05)
    assert "width" not in facts


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("encrypted.mp4", Code.MEDIA_ENCRYPTED),
        ("encrypted.m4a", Code.MEDIA_ENCRYPTED),
        ("cut_faststart.mp4", Code.MEDIA_TRUNCATED),
        ("cut.mp4", Code.MEDIA_TRUNCATED),
        ("no_index.mp4", Code.MEDIA_TRUNCATED),
        ("cut.mkv", Code.MEDIA_TRUNCATED),
        ("cut.avi", Code.MEDIA_TRUNCATED),
        ("cut.wav", Code.MEDIA_TRUNCATED),
        ("mdat_of_nothing.mov", Code.MEDIA_TRUNCATED),
        ("header_only.mp4", Code.MEDIA_INVALID),
        ("ftyp_only.mp4", Code.MEDIA_INVALID),
        ("captions.mkv", Code.MEDIA_INVALID),
        ("empty.mp4", Code.MEDIA_INVALID),
        ("picture.mp4", Code.MEDIA_UNSUPPORTED),
        ("picture.avif", Code.MEDIA_UNSUPPORTED),
        ("playlist.mp4", Code.MEDIA_UNSUPPORTED),
        ("concat.mp4", Code.MEDIA_UNSUPPORTED),
        ("session.mp4", Code.MEDIA_UNSUPPORTED),
        ("dash.mp4", Code.MEDIA_UNSUPPORTED),
        ("page.mp4", Code.MEDIA_UNSUPPORTED),
        ("noise.mp4", Code.MEDIA_UNSUPPORTED),
        ("captions.srt", Code.MEDIA_UNSUPPORTED),
    ],
)
async def test_what_is_not_taken(makes: Makes, name: str, code: Code) -> None:
    """Each is refused by what is wrong with it, whatever it is called, and not tried again."""
    with pytest.raises(BadInputError) as caught:
        await probe_source(FFPROBE, makes[name])
    assert caught.value.code is code
    assert str(makes.folder) not in caught.value.message


@pytest.mark.parametrize(
    ("name", "type", "hint"),
    [("plain.mp3", VIDEO, "audio"), ("cover.mp3", VIDEO, "audio"), ("plain.mp4", AUDIO, "video")],
)
async def test_another_type(makes: Makes, name: str, type: AssetType, hint: str) -> None:  # noqa: A002
    """The hint says as what it is to be imported."""
    with pytest.raises(BadInputError) as caught:
        await facts_of(makes[name], type)
    assert caught.value.code is Code.MEDIA_TYPE_MISMATCH
    assert hint in caught.value.hint


async def test_a_sound_that_is_none(makes: Makes) -> None:
    """Its index says all that is right, but none of its packets can be decoded."""
    with pytest.raises(BadInputError) as caught:
        await facts_of(makes["zeros.m4a"], AUDIO)
    assert caught.value.code is Code.MEDIA_INVALID


async def test_a_probe_is_small(makes: Makes) -> None:
    """It is kept with the job: no tags, no packets but the first, in plain JSON."""
    probe = await probe_source(FFPROBE, makes["ten_tracks.mkv"])
    assert len(json.dumps(probe, allow_nan=False)) < 8_000
    assert "tags" not in json.dumps(probe)


@pytest.mark.parametrize("name", ["faststart.mp4", "plain.mkv"])
async def test_corruptions(makes: Makes, tmp_path: Path, name: str) -> None:
    """Whatever bytes are hit, it is taken with finite facts, or refused as a stranger's fault."""
    whole, chance = makes[name].read_bytes(), random.Random(name)
    file = tmp_path / name
    refused = 0
    for _ in range(CORRUPTIONS):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 4, 64))):
            # Most of what can be misread stands in the first tenth.
            data[chance.randrange(chance.choice((len(data), len(data) // 10)))] = chance.randrange(256)
        file.write_bytes(data)
        try:
            with anyio.fail_after(20):
                facts = await facts_of(file, VIDEO)
        except OvenError as error:
            assert isinstance(error, BadInputError)
            refused += 1
        else:
            json.dumps(facts, allow_nan=False)
    assert 0 < refused < CORRUPTIONS


@pytest.mark.parametrize("script", ["echo '{'", "echo '[]'", "exit 1", "kill -9 $$"])
async def test_an_ffprobe_that_fails(makes: Makes, tmp_path: Path, script: str) -> None:
    """The file is to blame; ffprobe's own words are for the log."""
    with pytest.raises(BadInputError) as caught:
        await probe_source(fake(tmp_path, script), makes["plain.mp4"])
    assert caught.value.code is Code.MEDIA_INVALID


async def test_an_ffprobe_that_is_missing(makes: Makes) -> None:
    """That is our fault, and may pass."""
    with pytest.raises(OvenError) as caught:
        await probe_source(Ffprobe(program="no-such-ffprobe", sandbox=Sandbox()), makes["plain.mp4"])
    assert (caught.value.code, caught.value.retryable) == (Code.ENCODER_UNAVAILABLE, True)


async def test_an_ffprobe_that_hangs(makes: Makes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is killed."""
    monkeypatch.setattr(probing, "TIMEOUT_S", 0.3)
    with pytest.raises(BadInputError) as caught:
        await probe_source(fake(tmp_path, "sleep 600"), makes["plain.mp4"])
    assert caught.value.code is Code.MEDIA_INVALID


async def test_an_ffprobe_that_says_too_much(makes: Makes, tmp_path: Path) -> None:
    """No more is kept than a bound, and then it is no answer."""
    script = "i=0; while [ $i -lt 30000 ]; do i=$((i+1)); printf '%0200d\\n' 0; done"
    with pytest.raises(BadInputError) as caught:
        await probe_source(fake(tmp_path, script), makes["plain.mp4"])
    assert caught.value.code is Code.MEDIA_INVALID


def fake(folder: Path, script: str) -> Ffprobe:
    """Make an ffprobe of a shell script."""
    program = folder / "fake-ffprobe"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return Ffprobe(program=str(program), sandbox=Sandbox())
