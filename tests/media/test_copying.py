"""What may stay as it is, and where."""

import pytest

from oven.media.conflicts import checked_wish
from oven.media.copying import (
    choose_format,
    holding_pictures,
    holding_sound,
    picture_cause,
    picture_hindrance,
    sound_cause,
)
from oven.media.operations import Format
from tests.plans import SOURCES, operations_of


@pytest.mark.parametrize(
    ("source", "formats"),
    [
        ("film", "mp4 mov mkv"),
        ("webm", "mp4 mkv webm"),
        ("vp8", "mkv webm"),
        ("avi", "avi"),
        ("mjpeg", "mov mkv avi"),
        ("motion", "mov mkv"),
        ("broadcast", "mkv"),
        ("phone", "mp4 mov"),
        ("dolby", "mp4 mov mkv"),
    ],
)
def test_where_pictures_stay_as_they_are(source: str, formats: str) -> None:
    """In what holds their codec, says how they are turned, and when each is shown."""
    assert holding_pictures(SOURCES[source]) == [Format(name) for name in formats.split()]


@pytest.mark.parametrize(
    ("source", "formats"), [("film", "mp4 mov mkv"), ("vp8", "mkv webm"), ("avi", "mp4 mov mkv avi")]
)
def test_where_sound_stays_as_it_is(source: str, formats: str) -> None:
    """In what holds its codec."""
    assert holding_sound(SOURCES[source]) == [Format(name) for name in formats.split()]


def test_hindrances() -> None:
    """Each says what is in the way."""
    assert picture_hindrance(SOURCES["film"], Format.AVI) == "avi does not hold h264 with frames out of order"
    assert picture_hindrance(SOURCES["film"], Format.MP4) is None


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("film", "convert", "mp4"),
        ("stream", "convert", "mp4"),
        ("webm", "transcode codec=h264", "mp4"),
        ("film", "convert audioCodec=flac", "mkv"),
        ("broadcast", "transcode codec=copy", "mkv"),
        ("broadcast", "trim start=1 mode=keyframes", "mkv"),
        ("vp8", "transcode codec=h264 audioCodec=copy", "mkv"),
        ("avi", "convert format=webm", "webm"),
    ],
)
def test_containers(source: str, text: str, expected: str) -> None:
    """What is asked for, else the source's own, else the first that takes all that is wished for."""
    assert choose_format(SOURCES[source], checked_wish(operations_of(text))) is Format(expected)


@pytest.mark.parametrize(
    ("text", "pictures", "sound"),
    [
        ("convert", None, None),
        ("transcode codec=h264 audioCodec=aac", None, None),
        ("transcode codec=vp9", (0, "codec"), None),
        ("convert + transcode audioBitrate=96k", None, (1, "audioBitrate")),
        ("trim start=1", (0, "mode"), (0, "mode")),
        ("convert format=webm", (0, "format"), (0, "format")),
    ],
)
def test_who_is_to_blame_for_an_encode(
    text: str, pictures: tuple[int, str] | None, sound: tuple[int, str] | None
) -> None:
    """The operation and the option, or nobody."""
    source, wish = SOURCES["film"], checked_wish(operations_of(text))
    format = choose_format(source, wish)  # noqa: A001
    is_exact = wish.trim is not None
    causes = (
        picture_cause(source, wish, format, is_exact=is_exact),
        sound_cause(source, wish, format, is_exact=is_exact),
    )
    assert [cause and (cause.operation, cause.option) for cause in causes] == [pictures, sound]
