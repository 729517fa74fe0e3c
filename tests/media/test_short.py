"""What a scene becomes: the plan, and what real films become of it."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from oven.adapters.ffmpeg import Ffmpeg
from oven.adapters.sandbox import Sandbox
from oven.domain.errors import BadInputError, Code
from oven.media.edit import CappedCrf, Cut, Edit, EncodedSound, EncodedVideo
from oven.media.edit_argv import first_pass
from oven.media.edit_check import Film, check_film, film_of, source_offset_s
from oven.media.estimate import estimate
from oven.media.geometry import Size
from oven.media.memory import MIB, export_memory_bytes
from oven.media.operations import CutMode, Format, SoundCodec, VideoCodec
from oven.media.short import (
    FILLED,
    PROFILES,
    SHORT_SIZE,
    Quality,
    StrategyName,
    canvas_of,
    plan_short,
    short_cap_bytes,
    smaller_short,
)
from oven.media.source import Source, read_source
from tests.edits import PLAIN
from tests.media_makes import ENCODED, H264, Makes
from tests.plans import FILM, SOURCES

# Of which no encoder makes little.
NOISE = "nullsrc=s=90x160:r=10:d=1,geq=lum='random(1)*255':cb='random(2)*255':cr='random(3)*255'"


def planned(source: Source = FILM, start_s: float = 2.0, end_s: float = 5.0, **changes: Any) -> Edit:
    asked: dict[str, Any] = {"strategy": StrategyName.CENTER_CROP, "quality": Quality.HIGH}
    return plan_short(source, start_s=start_s, end_s=end_s, **asked | changes)


def video_of(edit: Edit) -> EncodedVideo:
    assert isinstance(edit.video, EncodedVideo)
    return edit.video


def sound_of(edit: Edit) -> EncodedSound:
    assert isinstance(edit.sound, EncodedSound)
    return edit.sound


def rate_of(edit: Edit) -> CappedCrf:
    rate = video_of(edit).rate
    assert isinstance(rate, CappedCrf)
    return rate


@pytest.mark.parametrize("quality", Quality)
@pytest.mark.parametrize("strategy", StrategyName)
def test_what_is_planned(strategy: StrategyName, quality: Quality) -> None:
    """Cut at the very frame, on a canvas of 1080×1920, H.264 of 8 bits and AAC, in MP4."""
    edit = planned(strategy=strategy, quality=quality)
    assert (edit.format, edit.cut, edit.duration_s) == (Format.MP4, Cut(2.0, 5.0, CutMode.EXACT), 3.0)
    video, sound = video_of(edit), sound_of(edit)
    assert (video.codec, video.size, video.depth) == (VideoCodec.H264, Size(1080, 1920), 8)
    assert video.canvas == canvas_of(FILM, strategy)
    assert (sound.codec, sound.rate_hz, sound.channels, sound.lasts_s) == (SoundCodec.AAC, 44_100, 2, 3.0)
    assert sound.bitrate_bps == {Quality.HIGH: 192_000, Quality.MEDIUM: 128_000}[quality]
    assert edit.frames == 75


@pytest.mark.parametrize("name", [name for name, film in SOURCES.items() if film.video_index is not None])
def test_every_kind_of_film(name: str) -> None:
    """Becomes a short, but for those of a high dynamic range; with sound, be it silence."""
    film = SOURCES[name]
    if film.hdr:
        with pytest.raises(BadInputError, match="high dynamic range") as refused:
            planned(film)
        assert refused.value.code is Code.MEDIA_UNSUPPORTED
        return
    edit = planned(film)
    assert video_of(edit).size == SHORT_SIZE
    has_sound = film.sound is not None and film.sound.is_decodable
    assert (sound_of(edit).index is not None) == has_sound
    assert sound_of(edit).channels == (1 if name == "mono" else 2)


@pytest.mark.parametrize(
    ("source", "start_s", "end_s", "said"),
    [
        ("film", -1.0, 5.0, "start_s must be 0 or more"),
        ("film", float("nan"), 5.0, "start_s must be 0 or more"),
        ("film", 1.0, float("inf"), "end_s must be 0 or more"),
        ("film", 10.0, 12.0, "end_s must not reach beyond the end of the source, which lasts 10 s"),
        ("film", 10.0, 10.05, "start_s must be before the end of the source, which lasts 10 s"),
        ("film", 5.0, 5.0, "end_s must be after the start, 5 s"),
        ("film", 5.0, 4.0, "end_s must be after the start, 5 s"),
        ("film", 5.0, 5.02, "end_s must leave a frame at least, 0.04 s"),
        ("film", 9.0, 11.0, "end_s must not reach beyond the end of the source, which lasts 10 s"),
        ("endless", 0.0, 180.5, "end_s must be at most 180 s after start_s, not 180.5 s"),
    ],
)
def test_no_such_scene(source: str, start_s: float, end_s: float, said: str) -> None:
    """A scene that there is not in the source, or that is too short or too long, is refused by its field."""
    with pytest.raises(BadInputError) as refused:
        planned(SOURCES[source], start_s, end_s)
    assert (refused.value.code, refused.value.message) == (Code.FIELD_INVALID, said)


def test_between_two_frames() -> None:
    """Of a film that shows a picture for five seconds a scene may be shorter than that."""
    assert planned(replace(FILM, rate=0.2), 6.0, 7.0).frames == 30


def test_the_longest() -> None:
    """Three minutes, to a rounding."""
    assert planned(SOURCES["endless"], 0.1, 180.1).duration_s == pytest.approx(180)


def test_no_pictures() -> None:
    """Of a sound nothing upright can be made."""
    with pytest.raises(BadInputError) as refused:
        planned(SOURCES["song"])
    assert refused.value.code is Code.MEDIA_TYPE_MISMATCH


def test_all_of_a_film() -> None:
    """Is no cut; a little beyond its end is its end."""
    assert planned(start_s=0.0, end_s=10.05).cut is None


@pytest.mark.parametrize(
    ("source", "rate"),
    [
        (FILM, None),
        (replace(FILM, rate=59.94), None),
        (replace(FILM, rate=60.0), None),
        (replace(FILM, rate=119.88), Fraction(60)),
        (replace(FILM, rate=240.0), Fraction(60)),
        (replace(FILM, rate=144.0, is_variable_rate=True), Fraction(60)),
        (SOURCES["variable"], Fraction(30)),
        (SOURCES["sparse"], Fraction(30)),
        (replace(FILM, rate=9.0), Fraction(36)),
        (replace(FILM, rate=0.2), Fraction(30)),
    ],
)
def test_frames_a_second(source: Source, rate: Fraction | None) -> None:
    """At most sixty; they keep their times where they follow evenly, and few are shown often."""
    assert video_of(planned(source)).constant_rate == rate


def test_the_canvas_knows_how_pictures_are_stored() -> None:
    """Turned upright, in the source's own pixels and in square ones."""
    phone = canvas_of(SOURCES["phone"], StrategyName.BLUR)
    assert (phone.coded, phone.shown) == (Size(1080, 1920), Size(1080, 1920))
    wide = canvas_of(SOURCES["wide"], StrategyName.BLUR, Size(270, 480))
    assert (wide.coded, wide.shown, wide.size) == (Size(720, 576), Size(1047, 576), Size(270, 480))


@pytest.mark.parametrize(
    ("quality", "duration_s", "cap_bytes"),
    [
        (Quality.HIGH, 1.0, 60_000_000),
        (Quality.HIGH, 60.0, 60_000_000),
        (Quality.HIGH, 180.0, 180_000_000),
        (Quality.MEDIUM, 60.0, 30_000_000),
        (Quality.MEDIUM, 90.0, 45_000_000),
    ],
)
def test_caps(quality: Quality, duration_s: float, cap_bytes: int) -> None:
    """Of a minute for all up to one, in proportion above."""
    assert short_cap_bytes(quality, duration_s) == cap_bytes


def test_what_is_wholly_seen_is_finer() -> None:
    """So it is encoded a little coarser than what covers all of the canvas."""
    crops, bars, blurs = (rate_of(planned(strategy=strategy)).value for strategy in StrategyName)
    assert crops < bars == blurs < crops + 1
    assert crops < rate_of(planned(quality=Quality.MEDIUM)).value


@pytest.mark.parametrize("quality", Quality)
@pytest.mark.parametrize("duration_s", [0.04, 5.0, 8.0, 20.0, 60.0, 61.0, 180.0])
def test_a_rate_keeps_a_cap(quality: Quality, duration_s: float) -> None:
    """All that the rate and a full buffer allow, with the sound, is less than the cap by 2 % and no more."""
    long = replace(FILM, duration_s=200.0, rate=60.0)
    edit = planned(long, 1.0, 1.0 + duration_s, quality=quality)
    rate = rate_of(edit)
    most_bytes = (rate.peak_bps * duration_s + 0.9 * rate.buffer_bits) / 8
    most_bytes += duration_s * (PROFILES[quality].sound_bps / 8 + 400) + edit.frames * 16
    assert most_bytes <= 0.9801 * short_cap_bytes(quality, duration_s)
    # What level 4.2 takes, in all and at once.
    assert rate.peak_bps <= 62_500_000
    assert rate.buffer_bits <= 78_125_000
    if duration_s >= 20:
        assert most_bytes > 0.97 * short_cap_bytes(quality, duration_s)
    assert estimate(edit, long, threads=2).size_bytes < short_cap_bytes(quality, duration_s)


def test_a_second_try() -> None:
    """What has passed its cap is told so much less, and a margin, with a tighter buffer."""
    edit = planned()
    before, after = rate_of(edit), rate_of(smaller_short(edit, size_bytes=66_000_000, cap_bytes=60_000_000))
    assert after.peak_bps == pytest.approx(before.peak_bps * 0.9 / 1.1, rel=1e-6)
    assert after.buffer_bits <= after.peak_bps
    with pytest.raises(TypeError):
        smaller_short(PLAIN, size_bytes=2, cap_bytes=1)


@pytest.mark.parametrize(
    ("size", "measured_mib"),
    # ffmpeg 5.1, two threads, blur, which takes most: peak of the address space.
    [(Size(3840, 2160), 1005), (Size(1920, 1080), 791), (Size(16, 16), 786), (Size(4000, 16), 785)],
)
def test_memory(size: Size, measured_mib: int) -> None:
    """More than was measured by half, at least."""
    edit = planned(replace(FILM, size=size), strategy=StrategyName.BLUR)
    assert export_memory_bytes(edit, threads=2) > 1.5 * measured_mib * MIB


# What films are made of, to be looked at; scenes end before these do.
FILMS: Mapping[str, tuple[str, ...]] = {
    **ENCODED,
    "ends.mp4": (
        "-i",
        "@silent.mp4",
        "-t",
        "0.2",
        "-i",
        "@plain.m4a",
        "-map",
        "0:v",
        "-map",
        "1:a",
        "-c",
        "copy",
    ),
    "outlasted.mp4": ("-t", "0.4", "-i", "@silent.mp4", "-i", "@plain.m4a", "-c", "copy"),
    "quick.mp4": ("-f", "lavfi", "-i", "testsrc=s=64x48:r=120:d=0.6", *H264),
    "noise.mkv": ("-f", "lavfi", "-i", NOISE, "-c:v", "ffv1"),
}


@pytest.fixture(scope="module")
def makes(tmp_path_factory: pytest.TempPathFactory) -> Makes:
    return Makes(tmp_path_factory.mktemp("makes"), FILMS)


class Made(NamedTuple):
    """A short: its plan, and what was found of it."""

    edit: Edit
    film: Film
    file: Path


async def made(source: Path, folder: Path, edit: Edit | None = None, **changes: Any) -> Made:
    """Make a short of a real film, as the recipe does, within its memory; prove it as the recipe does."""
    (folder / "in").mkdir()
    shutil.copy(source, folder / "in" / "source")
    ffmpeg = await Ffmpeg.find("ffmpeg", "ffprobe", Sandbox())
    probe = await ffmpeg.probe_source(folder / "in" / "source")
    edit = edit or planned(read_source(probe), 0.2, 0.5, **changes)
    bounds: dict[str, Any] = {
        "frames": edit.frames,
        "timeout_s": 60.0,
        "stall_s": 60.0,
        "memory_bytes": export_memory_bytes(edit, threads=2),
        "threads": 2,
    }
    run = first_pass(edit, threads=2)
    await ffmpeg.encode(run.arguments, folder, **bounds, report=lambda *_: None, say=lambda _: None)
    file = folder / run.output
    film = film_of(edit, await ffmpeg.measure(file, demuxer="mov", timeout_s=60))
    decoded = await ffmpeg.decode(file, demuxer="mov", keys_only=False, **bounds, report=lambda _: None)
    check_film(edit, film, decoded, offset_s=source_offset_s(edit, probe))
    return Made(edit, film, file)


@pytest.mark.parametrize(
    ("name", "strategy"),
    [
        ("plain.mp4", StrategyName.BLUR),
        ("rotated.mp4", StrategyName.CENTER_CROP),
        ("anamorphic.mp4", StrategyName.LETTERBOX),
        ("variable.mp4", StrategyName.BLUR),
        ("plain.ts", StrategyName.CENTER_CROP),
        ("quick.mp4", StrategyName.BLUR),
    ],
)
async def test_real_films(makes: Makes, tmp_path: Path, name: str, strategy: StrategyName) -> None:
    """Each is 1080×1920 of square pixels, H.264 and AAC from 0 on, as long as the scene."""
    edit, film, _ = await made(makes[name], tmp_path, strategy=strategy)
    assert film.sound is not None
    video, sound = film.video, film.sound
    assert (video["width"], video["height"], video["sample_aspect_ratio"]) == (1080, 1920, "1:1")
    assert (video["codec_name"], video["pix_fmt"], sound["codec_name"]) == ("h264", "yuv420p", "aac")
    assert (video["color_space"], video["color_range"]) == (edit.colors.space, "tv")
    assert film.offset_s == pytest.approx(0, abs=0.001)
    assert video["packets"] == pytest.approx(edit.frames, abs=1)
    assert video["packets"] <= 18
    assert video["endS"] == pytest.approx(0.3, abs=0.041)
    assert sound["endS"] == pytest.approx(0.3, abs=0.03)
    assert sound["sample_rate"] == "44100"


@pytest.mark.parametrize(("name", "channels"), [("silent.mp4", 2), ("ends.mp4", 1)])
async def test_silence(makes: Makes, tmp_path: Path, name: str, channels: int) -> None:
    """A film without sound, or whose sound has ended before the scene, has a track of silence."""
    _, film, _ = await made(makes[name], tmp_path)
    assert film.sound is not None
    assert film.sound["channels"] == channels
    assert film.sound["endS"] == pytest.approx(0.3, abs=0.03)


async def test_pictures_that_end_before(makes: Makes, tmp_path: Path) -> None:
    """The last of them stands to the end."""
    _, film, _ = await made(makes["outlasted.mp4"], tmp_path)
    assert film.video["endS"] == pytest.approx(0.3, abs=0.021)


async def test_a_source_that_changes_within(tmp_path: Path) -> None:
    """Its size falls below what the crop was told at first, and yet there is a picture to the end."""
    whole = tmp_path / "whole.ts"
    for size, begin_s in ((Size(320, 180), 1.0), (Size(160, 90), 1.4)):
        drawn = f"testsrc2=s={size.width}x{size.height}:r=25:d=0.4"
        coded = (*H264, "-bf", "0", "-output_ts_offset", str(begin_s), "-muxdelay", "0")
        part = tmp_path / "part.ts"
        command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", drawn, *coded, str(part)]
        subprocess.run(command, check=True)
        with whole.open("ab") as file:
            file.write(part.read_bytes())
    _, film, _ = await made(whole, tmp_path)
    assert film.video["packets"] == 8


async def test_a_rate_is_kept(makes: Makes, tmp_path: Path) -> None:
    """Noise, of which no encoder makes little, takes no more than what the rate and its buffer allow."""
    noise = replace(FILM, container="mkv", demuxer="matroska", size=Size(90, 160), sound=None, duration_s=1.0)
    edit = planned(noise, 0.0, 1.0)
    capped = CappedCrf(18, 8_000_000, 4_000_000)
    edit = replace(edit, video=replace(video_of(edit), rate=capped))
    _, film, _ = await made(makes["noise.mkv"], tmp_path, edit)
    assert film.video_bytes * 8 < 1.04 * (capped.peak_bps + FILLED * capped.buffer_bits)
