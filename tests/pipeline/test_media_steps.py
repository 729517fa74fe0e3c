"""The steps that ffmpeg and ffprobe are asked for, carried out by them."""

import json
from typing import Any

import pytest

from oven.domain.errors import BadInputError, Code, FaultError, OvenError
from oven.recipes.steps import Decode, Encode, FindKeyFrame, Link, Measure, Probe
from tests.kitchens import Kitchen
from tests.media_makes import Makes
from tests.tapes import wav

COMMON: dict[str, Any] = {"name": "it", "phase": "p"}
BOUNDS: dict[str, Any] = {"timeout_s": 30, "stall_s": 30, "memory_bytes": 1 << 31, "threads": 2, **COMMON}


async def test_encode_leaves_only_its_output(kitchen: Kitchen) -> None:
    """Linked sources are gone afterwards; the sources themselves stand."""
    await kitchen.has(a_wav=wav(0.1))
    step = Encode(
        links=(Link("src/a.wav", "in/sound.bin"),),
        arguments=("-v", "error", "-f", "wav", "-i", "file:in/sound.bin", "out.m4a"),
        output="out.m4a",
        frames=1,
        timeout_s=30,
        stall_s=30,
        memory_bytes=1 << 31,
        threads=2,
        **COMMON,
    )
    made, folder = await kitchen.does(step)
    assert [file.name for file in folder.iterdir()] == ["out.m4a"]
    assert made["sizeBytes"] > 0
    assert made["ffmpeg"] == kitchen.tools.encoder.version
    assert kitchen.workspace.locate("src/a.wav").exists()


async def test_what_outgrows_its_limit_is_stopped(kitchen: Kitchen) -> None:
    """An encode of a hundred seconds ends when its file is too large, and leaves nothing."""
    await kitchen.has(a_wav=wav(0.1))
    endless = ("-re", "-f", "lavfi", "-i", "anoisesrc=d=100", "-flush_packets", "1", "-f", "wav", "out.wav")
    step = Encode(
        links=(Link("src/a.wav", "in/sound.bin"),),
        arguments=("-nostdin", "-v", "error", "-progress", "pipe:1", "-stats_period", "0.1", *endless),
        output="out.wav",
        frames=1,
        max_bytes=1000,
        **BOUNDS,
    )
    made, folder = await kitchen.does(step)
    assert made["outgrown"]
    assert made["sizeBytes"] > 1000
    assert made["seconds"] < BOUNDS["timeout_s"]
    assert list(folder.iterdir()) == []


async def test_encode_with_extras(kitchen: Kitchen, makes: Makes) -> None:
    """Those that are there are told, and stay; progress is the film's, which comes first."""
    await kitchen.has(a_mp4=makes["plain.mp4"].read_bytes())
    still = (
        "-map",
        "0:v",
        "-vf",
        "select=eq(n\\,3)",
        "-frames:v",
        "1",
        "-f",
        "image2",
        "-update",
        "1",
        "1.jpg",
    )
    step = Encode(
        links=(Link("src/a.mp4", "in/source"),),
        arguments=(
            *("-v", "error", "-progress", "pipe:1", "-f", "mov", "-i", "in/source"),
            *("-c", "copy", "film.mp4", *still),
        ),
        output="film.mp4",
        extras=("1.jpg", "2.jpg"),
        frames=15,
        **BOUNDS,
    )
    made, folder = await kitchen.does(step)
    assert {file.name for file in folder.iterdir()} == {"film.mp4", "1.jpg"}
    assert made["extras"] == {"1.jpg": (folder / "1.jpg").stat().st_size}
    assert kitchen.told[-1] == 1


@pytest.mark.parametrize(
    ("source", "words", "broken"),
    [
        ("cut.mp4", ("film.mp4",), Code.MEDIA_INVALID),
        ("zeros.mp4", ("film.mp4",), Code.MEDIA_INVALID),
        ("cut.mp4", ("film.mp4",), Code.ENCODE_FAILED),
        ("plain.mp4", ("-vf", "no_such_filter", "film.mp4"), Code.MEDIA_INVALID),
    ],
)
async def test_who_is_to_blame(
    kitchen: Kitchen, makes: Makes, source: str, words: tuple[str, ...], broken: Code
) -> None:
    """A source that cannot be decoded has the code that the step names; what we do wrong is our fault."""
    await kitchen.has(source=makes[source].read_bytes())
    step = Encode(
        links=(Link("src/source", "in/source"),),
        arguments=("-nostdin", "-v", "info", "-f", "mov", "-i", "in/source", *words),
        output="film.mp4",
        frames=15,
        broken=broken,
        **BOUNDS,
    )
    with pytest.raises(OvenError) as caught:
        await kitchen.does(step)
    wanted = Code.ENCODE_FAILED if source == "plain.mp4" else broken
    assert (caught.value.code, caught.value.retryable) == (wanted, False)
    assert isinstance(caught.value, FaultError if wanted is Code.ENCODE_FAILED else BadInputError)


async def test_probe(kitchen: Kitchen) -> None:
    """Ffprobe's facts; an unreadable file has the code that the step names."""
    await kitchen.has(a_wav=wav(0.1), b_wav=b"nonsense")
    rest: dict[str, Any] = {"label": "the sound", "demuxer": "wav", "sound_s": 9, **COMMON}
    found, _ = await kitchen.does(Probe(source="src/a.wav", broken=Code.AUDIO_INVALID, **rest))
    assert found["streams"][0]["codec_type"] == "audio"
    with pytest.raises(BadInputError, match="the sound cannot be read") as caught:
        await kitchen.does(Probe(source="src/b.wav", broken=Code.AUDIO_INVALID, **rest))
    assert caught.value.code is Code.AUDIO_INVALID
    with pytest.raises(FaultError):
        await kitchen.does(Probe(source="src/b.wav", broken=Code.OUTPUT_INVALID, **rest))


async def test_a_film_is_proved(kitchen: Kitchen, makes: Makes) -> None:
    """Its key frames are found, its packets counted, its pictures decoded: plain JSON, and small."""
    await kitchen.has(film_mp4=makes["fragmented.mp4"].read_bytes())
    about: dict[str, Any] = {"source": "src/film.mp4", "demuxer": "mov"}
    found, _ = await kitchen.does(FindKeyFrame(stream=0, at_s=0.5, **about, **COMMON))
    assert found == {"seconds": pytest.approx(0.4)}
    measured, _ = await kitchen.does(Measure(timeout_s=30, **about, **COMMON))
    assert [stream["packets"] for stream in measured["streams"]] == [15]
    assert measured["sizeBytes"] == makes["fragmented.mp4"].stat().st_size
    assert len(json.dumps(measured, allow_nan=False)) < 2_000
    decoded, _ = await kitchen.does(Decode(keys_only=False, frames=15, **about, **BOUNDS))
    assert decoded == {"frames": 15, "complaints": 0}
    assert kitchen.told[-1] == 1


async def test_what_is_no_film(kitchen: Kitchen) -> None:
    """Is what we made wrong, or, where a key frame is looked for, what was sent."""
    await kitchen.has(film_mp4=b"nonsense")
    about: dict[str, Any] = {"source": "src/film.mp4", "demuxer": "mov"}
    for step in (
        Measure(timeout_s=30, **about, **COMMON),
        Decode(keys_only=False, frames=15, **about, **BOUNDS),
        Decode(keys_only=True, frames=15, **about, **BOUNDS),
    ):
        with pytest.raises(FaultError) as fault:
            await kitchen.does(step)
        assert fault.value.code is Code.OUTPUT_INVALID
    with pytest.raises(BadInputError) as caught:
        await kitchen.does(FindKeyFrame(stream=0, at_s=0, **about, **COMMON))
    assert caught.value.code is Code.MEDIA_INVALID
