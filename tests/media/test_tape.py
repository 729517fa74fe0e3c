"""Which entries of an archive are a tape's."""

import pytest

from oven.domain.errors import BadInputError, Code
from oven.media.tape import is_frame_name, natural_order, read_layout


def names(entries: list[str]) -> list[str]:
    return [picture.name for picture in read_layout(entries).pictures]


def test_the_recorders_own() -> None:
    """Flat, five digits, sound, times and facts; files on disk have names of ours."""
    layout = read_layout(
        ["frame-00001.png", "frame-00000.png", "timing.json", "metadata.json", "soundtrack.wav"]
    )
    assert [(picture.name, picture.file) for picture in layout.pictures] == [
        ("frame-00000.png", "000000.png"),
        ("frame-00001.png", "000001.png"),
    ]
    assert layout.sound is not None
    assert (layout.sound.entry, layout.sound_demuxer) == ("soundtrack.wav", "wav")
    assert layout.timing is not None
    assert layout.metadata is not None
    assert len(layout.members) == 5


@pytest.mark.parametrize(
    "ordered",
    [
        ["frame-0.png", "frame-1.png", "frame-2.png", "frame-10.png", "frame-100.png"],
        ["frame000000.png", "frame000001.png", "frame000010.png"],
        [
            "frame_2025.9.7.1.2.3.004.png",
            "frame_2025.10.17.14.20.0.123.png",
            "frame_2025.10.17.14.20.1.003.png",
        ],
        ["Frame-1.PNG", "Frame-2.PNG"],
    ],
)
def test_natural_order(ordered: list[str]) -> None:
    """Numbers count as numbers, however they are written."""
    assert names(list(reversed(ordered))) == ordered
    assert all(map(is_frame_name, ordered))


def test_one_top_folder() -> None:
    """All files in one folder are as good as flat ones."""
    layout = read_layout(["tape/", "tape/frame-0.png", "tape/timing.json", "tape/audio.webm"])
    assert [(picture.entry, picture.name) for picture in layout.pictures] == [
        ("tape/frame-0.png", "frame-0.png")
    ]
    assert layout.timing is not None
    assert layout.timing.entry == "tape/timing.json"
    assert layout.sound_demuxer == "matroska"


def test_frames_in_a_folder_beside_the_rest() -> None:
    """Frames may stand in a folder of their own while times and sound stand at the top."""
    layout = read_layout(["frames/frame-0.png", "timing.json", "soundtrack.mp3"])
    assert [picture.name for picture in layout.pictures] == ["frame-0.png"]
    assert layout.timing is not None
    assert layout.sound_demuxer == "mp3"


def test_what_file_managers_add_is_ignored() -> None:
    """Resource forks and hidden files are no frames."""
    assert names(["tape/frame-0.png", "tape/._frame-0.png", "__MACOSX/tape/._frame-0.png"]) == ["frame-0.png"]


def test_the_best_sound_is_taken() -> None:
    """Uncompressed sound before any other; the rest is remembered."""
    layout = read_layout(["frame-0.png", "audio.webm", "soundtrack.mp3", "audio.wav"])
    assert layout.sound is not None
    assert layout.sound.entry == "audio.wav"
    assert layout.unused_sounds == ("audio.webm", "soundtrack.mp3")


def test_names_in_any_case() -> None:
    """What is not named as a recorder would is found all the same."""
    layout = read_layout(["FRAME-0.PNG", "Soundtrack.WAV", "Timing.JSON", "MetaData.json"])
    assert layout.sound is not None
    assert (layout.sound.entry, layout.sound_demuxer) == ("Soundtrack.WAV", "wav")
    assert layout.timing is not None
    assert (layout.timing.entry, layout.timing.file) == ("Timing.JSON", "timing.json")
    assert layout.metadata is not None


@pytest.mark.parametrize("entries", [["a/frame-0.png", "b/frame-1.png"], ["a/b/frame-0.png"]])
def test_frames_in_the_wrong_folders_are_told(entries: list[str]) -> None:
    """There are PNGs, but not where they belong."""
    with pytest.raises(BadInputError, match="its PNGs stand deeper than one folder, or in several"):
        read_layout(entries)


@pytest.mark.parametrize(
    "entries", [[], ["timing.json"], ["a/b/frame-0.png"], ["a/frame-0.png", "b/frame-1.png"]]
)
def test_no_frames(entries: list[str]) -> None:
    """Nothing, no picture, or pictures in too many folders."""
    with pytest.raises(BadInputError) as caught:
        read_layout(entries)
    assert caught.value.code is Code.NO_FRAMES


@pytest.mark.parametrize("name", ["thumbnail.png", "frame.png", "frameless.png", "frame-0.jpg"])
def test_what_is_no_frame_by_name(name: str) -> None:
    """A frame's name has a number."""
    assert not is_frame_name(name)


def test_equal_numbers_fall_back_to_the_text() -> None:
    """The order is total, so it is the same everywhere."""
    assert sorted(["frame-01.png", "frame-1.png"], key=natural_order) == ["frame-01.png", "frame-1.png"]
