"""What is planned of films: a table of many, and what holds of all."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oven.media.copying import picture_hindrance, sound_hindrance
from oven.media.edit import (
    CappedCrf,
    CopiedSound,
    CopiedVideo,
    Edit,
    EncodedSound,
    EncodedVideo,
    Mark,
    TargetSize,
)
from oven.media.encode import Bitrate, Crf
from oven.media.formats import MAX_BITRATE_BPS, MIN_BITRATE_BPS, QUALITIES, SOUND_FITS, VIDEO_FITS
from oven.media.geometry import MAX_SIDE, Size
from oven.media.operations import (
    Compress,
    Convert,
    CutMode,
    Format,
    Moment,
    Operation,
    OptionError,
    Position,
    Preset,
    QualityWord,
    Resize,
    SoundCodec,
    StillFormat,
    Thumbnail,
    Transcode,
    Trim,
    VideoCodec,
    Watermark,
)
from oven.media.planning import check_operations, plan_edit
from oven.media.rates import SPARSE_RATE
from oven.media.source import Source
from tests.plans import FILM, MAX_PIXELS, SOURCES, operations_of, plan

TABLE = Path(__file__).with_name("plans.txt").read_text()
# Of each operation, what its options may be.
OPTIONS = {
    Transcode: {"codec", "bitrate", "crf", "resolution", "resize", "preset", "audioCodec", "audioBitrate"},
    Convert: {"format", "videoCodec", "audioCodec", "audioBitrate"},
    Compress: {"crf", "bitrate", "quality", "targetSize"},
    Watermark: {"image", "position", "opacity", "scale", "margin"},
    Trim: {"start", "end", "duration", "mode"},
    Thumbnail: {"timestamps", "size", "format"},
}


def rows() -> list[tuple[str, str]]:
    """Read the table: a film and what is asked for, then what is planned."""
    lines = [line for line in TABLE.splitlines() if line and not line.startswith("#")]
    return list(zip(lines[::2], (line.removeprefix("    = ") for line in lines[1::2]), strict=True))


def edit_of(source: str, text: str, **more: Any) -> Edit:
    return plan_edit(SOURCES[source], operations_of(text), max_pixels=MAX_PIXELS, **more)


@pytest.mark.parametrize(("asked", "expected"), rows(), ids=[asked for asked, _ in rows()])
def test_plans(asked: str, expected: str) -> None:
    """Films and operations, each with its edit or what is wrong with it."""
    source, _, text = asked.partition(": ")
    assert plan(source, text) == expected


@pytest.mark.parametrize(
    ("source", "text", "reasons"),
    [
        (
            "film",
            "convert format=mkv",
            (
                "the pictures are copied: they are h264 already, which mkv holds",
                "the sound is copied: it is aac already, which mkv holds",
            ),
        ),
        (
            "film",
            "convert audioCodec=mp3 + transcode resolution=480p",
            (
                "the pictures are encoded: operation 1 says a resolution",
                "the sound is encoded: operation 0 wants mp3",
            ),
        ),
        (
            "phone",
            "convert format=mkv audioCodec=none",
            (
                "the pictures are encoded: mkv does not say that they are turned, by 90°",
                "there is no sound: operation 0 leaves it out",
            ),
        ),
        (
            "film",
            "trim start=1",
            (
                "the pictures are encoded: operation 0 cuts at the very frame",
                "the sound is encoded: operation 0 cuts at the very frame",
            ),
        ),
        ("silent", "watermark", ("the pictures are encoded: operation 0 lays a watermark over them",)),
        (
            "film",
            "thumbnail timestamps=1",
            ("there is no film: only thumbnails are asked for",),
        ),
    ],
)
def test_reasons(source: str, text: str, reasons: tuple[str, ...]) -> None:
    """Why what is encoded or copied is so, a sentence each."""
    told = edit_of(source, text).reasons
    assert told[: len(reasons)] == reasons
    assert set(told[len(reasons) :]) <= {"there is no sound: the source has none"}


@pytest.mark.parametrize(
    ("source", "text", "warnings"),
    [
        ("film", "convert", ()),
        (
            "surround",
            "convert format=webm",
            (
                "2 further tracks of sound: left out",
                "the sound's 6 channels are mixed down to 2",
            ),
        ),
        ("angles", "convert", ("1 further track of pictures: left out",)),
        ("silent", "convert audioCodec=mp3", ("audioCodec says nothing: there is no sound",)),
        ("mute", "convert", ("the source's sound cannot be decoded, and is left out",)),
        (
            "film",
            "compress targetSize=3000000",
            ("the target, 3,000,000 bytes, is larger than the source, 2,000,000 bytes",),
        ),
        ("deep", "compress crf=30", ("the source has 10 bits a sample, the film 8",)),
        (
            "hdr10",
            "transcode codec=vp9",
            ("vp9 does not carry HDR10's static metadata: players see PQ",),
        ),
        ("hdr10", "compress crf=30", ()),
        (
            "pq",
            "thumbnail timestamps=1",
            ("colours of thumbnails are pale: a high dynamic range is not tone-mapped",),
        ),
        (
            "film",
            "trim start=3 mode=keyframes",
            ("the film begins at the key frame at or before 3 s of the source",),
        ),
    ],
)
def test_warnings(source: str, text: str, warnings: tuple[str, ...]) -> None:
    """What the caller might miss, a sentence each."""
    assert edit_of(source, text).warnings == warnings


@pytest.mark.parametrize(
    ("key_frame_s", "warnings"),
    [(2.4, ("the film begins at 2.4 s of the source, where a key frame is",)), (3.0, ())],
)
def test_where_a_copy_begins(key_frame_s: float, warnings: tuple[str, ...]) -> None:
    """Once that is known it is told; not where it is where it was asked for."""
    edit = edit_of("film", "trim start=3 end=6 mode=keyframes", key_frame_s=key_frame_s)
    assert edit.warnings == warnings
    assert edit.duration_s == pytest.approx(6 - key_frame_s)
    assert edit.frames == round(25 * edit.duration_s)


def test_marks() -> None:
    """They stand in order, with what was asked of each."""
    edit = edit_of("film", "watermark position=top scale=0.5 margin=4 + watermark opacity=0.25")
    assert edit.marks == (Mark(Position.TOP, 1.0, 0.5, 4), Mark(Position.BOTTOM_RIGHT, 0.25, None, 10))


def test_the_order_of_operations_says_nothing() -> None:
    """Turned round, they are the same edit."""
    asked = operations_of("trim start=2 end=6 + convert format=webm + watermark + thumbnail timestamps=1")
    edits = [plan_edit(FILM, order, max_pixels=MAX_PIXELS) for order in (asked, asked[::-1])]
    assert edits[0].video == edits[1].video
    assert edits[0].stills == edits[1].stills
    assert edits[0].cut == edits[1].cut


NUMBERS = st.one_of(st.floats(-1, 70), st.floats(), st.sampled_from([0.0, 10.0, 50.0, 100.0]))
MOMENTS = st.builds(Moment, NUMBERS, st.sampled_from(["s", "%"]))
SIDES = st.one_of(st.integers(-2, 2000), st.sampled_from([16, 64, 480, 720, 1080, 20_000]))
SIZES = st.builds(Size, SIDES, SIDES)
BITS = st.integers(-1, 300_000_000)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


OPERATIONS: st.SearchStrategy[Operation] = st.one_of(
    st.builds(
        Transcode,
        codec=maybe(st.sampled_from(VideoCodec)),
        bitrate_bps=maybe(BITS),
        crf=maybe(NUMBERS),
        size=maybe(SIZES),
        height=maybe(SIDES),
        resize=st.sampled_from(Resize),
        preset=maybe(st.sampled_from(Preset)),
        audio_codec=maybe(st.sampled_from(SoundCodec)),
        audio_bitrate_bps=maybe(BITS),
    ),
    st.builds(Transcode, codec=maybe(st.sampled_from(VideoCodec)), size=maybe(SIZES)),
    st.builds(
        Convert,
        format=maybe(st.sampled_from(Format)),
        video_codec=maybe(st.sampled_from(VideoCodec)),
        audio_codec=maybe(st.sampled_from(SoundCodec)),
    ),
    st.builds(Compress, crf=NUMBERS),
    st.builds(Compress, quality=st.sampled_from(QualityWord)),
    st.builds(Compress, target_bytes=st.integers(-1, 10**12)),
    st.builds(Watermark, opacity=NUMBERS, scale=maybe(NUMBERS), margin_px=SIDES),
    st.builds(Watermark),
    st.builds(
        Trim, start=MOMENTS, end=maybe(MOMENTS), duration=maybe(MOMENTS), mode=st.sampled_from(CutMode)
    ),
    st.builds(
        Thumbnail,
        timestamps=st.lists(MOMENTS, max_size=3).map(tuple),
        size=maybe(SIZES),
        format=st.sampled_from(StillFormat),
    ),
)


# Most of the table's are possible of themselves.
KNOWN = sorted(
    {text for asked, _ in rows() for text in asked.partition(": ")[2].partition(" (")[0].split(" + ")}
)
MIXED = st.one_of(st.sampled_from(KNOWN).map(lambda text: operations_of(text)[0]), OPERATIONS)


@settings(max_examples=300)
@given(
    source=st.sampled_from(sorted(SOURCES)),
    operations=st.lists(MIXED, min_size=1, max_size=4),
    key_frame_s=maybe(st.floats(0, 12)),
)
def test_any_operations(source: str, operations: list[Operation], key_frame_s: float | None) -> None:
    """Whatever is asked of whatever film: an edit that can be made, or an option that is there and is not."""
    film = SOURCES[source]
    try:
        edit = plan_edit(film, operations, max_pixels=MAX_PIXELS, key_frame_s=key_frame_s)
    except OptionError as error:
        assert 0 <= error.index < len(operations)
        assert error.option.partition("/")[0] in {"", *OPTIONS[type(operations[error.index])]}
        assert error.rule
        return
    check_operations(operations)
    _check_time(edit, film)
    _check_pictures(edit, film)
    _check_sound(edit, film)
    assert edit.reasons
    assert all(sentence.count("None") == 0 for sentence in (*edit.reasons, *edit.warnings))


def _check_time(edit: Edit, film: Source) -> None:
    assert edit.duration_s > 0
    assert edit.frames >= 1
    assert edit.frames == pytest.approx(edit.duration_s * (film.rate or 25), abs=1, rel=0.02)
    if edit.cut:
        assert 0 <= edit.cut.start_s < edit.cut.end_s
        assert film.duration_s == 0 or edit.cut.end_s <= film.duration_s
        assert edit.duration_s == edit.cut.end_s - edit.cut.start_s
        if edit.cut.mode is CutMode.KEYFRAMES:
            assert isinstance(edit.video, CopiedVideo)
        else:
            assert not isinstance(edit.video, CopiedVideo)
            assert not isinstance(edit.sound, CopiedSound)
    for number, still in enumerate(edit.stills, 1):
        assert still.file.startswith(f"thumbnail-{number}.")
        assert 0 <= still.at_s < edit.duration_s
    assert len({still.file for still in edit.stills}) == len(edit.stills) <= 20


def _check_pictures(edit: Edit, film: Source) -> None:
    assert edit.colors.space in {"bt709", "smpte170m", "bt2020nc"}
    match edit.video:
        case None:
            assert edit.format is None
            assert edit.stills
        case CopiedVideo():
            assert edit.format
            assert picture_hindrance(film, edit.format) is None
            assert not edit.marks
        case EncodedVideo() as video:
            assert edit.format
            assert video.codec in VIDEO_FITS[edit.format]
            _check_size(video)
            _check_rate(video)
            # Cut at the very frame, pictures that stay for long would be late.
            is_gappy = film.is_variable_rate or (film.rate or SPARSE_RATE) < SPARSE_RATE
            is_even = edit.format is Format.AVI or (is_gappy and edit.cut is not None)
            assert (video.constant_rate is not None) == is_even
            assert (film.hdr is not None) == (video.depth == 10)
            assert not (film.hdr and edit.marks)
            assert film.hdr != "dolby_vision"


def _check_size(video: EncodedVideo) -> None:
    assert video.size.width % 2 == video.size.height % 2 == 0
    assert min(video.size) >= 16
    assert max(video.size) <= MAX_SIDE
    assert video.size.pixels <= MAX_PIXELS
    if video.scaled:
        assert video.scaled.width >= video.size.width
        assert video.scaled.height >= video.size.height
        assert max(video.scaled) <= MAX_SIDE


def _check_rate(video: EncodedVideo) -> None:
    match video.rate:
        case Crf(value):
            assert 0 <= value <= QUALITIES[video.codec].worst
        case CappedCrf():
            raise AssertionError("only shorts have a cap")
        case Bitrate(bps) | TargetSize(_, bps):
            assert MIN_BITRATE_BPS <= bps <= MAX_BITRATE_BPS


def _check_sound(edit: Edit, film: Source) -> None:
    match edit.sound:
        case CopiedSound():
            assert edit.format
            assert sound_hindrance(film, edit.format) is None
        case EncodedSound() as sound:
            assert edit.format
            assert sound.codec in SOUND_FITS[edit.format]
            assert sound.channels in {1, 2}
            assert sound.rate_hz in {44_100, 48_000}
            assert (sound.bitrate_bps is None) == (sound.codec is SoundCodec.FLAC)
        case None:
            pass
