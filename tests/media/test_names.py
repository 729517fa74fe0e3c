"""Names of assets and of their objects."""

import pytest

from oven.domain.asset import AssetType
from oven.media.names import MAX_STEM_CHARS, key_name, name_of_path, stem_of, type_of_name


@pytest.mark.parametrize(
    ("kind", "names", "key"),
    [
        (AssetType.VIDEO, ["film.mp4"], "original.mp4"),
        (AssetType.VIDEO, ["My film.MOV", "https://h/film.mp4"], "original.mov"),
        (AssetType.VIDEO, ["film", "https://h/film.webm"], "original.webm"),
        (AssetType.VIDEO, ["film.exe", "https://h/x"], "original"),
        (AssetType.VIDEO, ["mp4/../../etc/passwd"], "original"),
        (AssetType.IMAGE, ["film.mp4"], "original"),
        (AssetType.AUDIO, [""], "original"),
    ],
)
def test_objects_are_named_by_us(kind: AssetType, names: list[str], key: str) -> None:
    """But for an ending that files of the type have; a caller's name is no path."""
    assert key_name(kind, *names) == key


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/a/b.mp4", "b.mp4"),
        ("/a/b/", "b"),
        ("", ""),
        ("/", ""),
        ("/a\x00b", ""),
        ("/" + "x" * 300, "x" * 255),
    ],
)
def test_names_of_urls(path: str, name: str) -> None:
    """The last of the path, where it can be read."""
    assert name_of_path(path) == name


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("out-0.PNG", AssetType.IMAGE),
        ("song.opus", AssetType.AUDIO),
        ("film.webm", AssetType.VIDEO),
        ("model.glb", AssetType.VIDEO),
        ("png", AssetType.VIDEO),
        ("", AssetType.VIDEO),
    ],
)
def test_types_by_names(name: str, kind: AssetType) -> None:
    """A guess, by the ending; a video where there is none that is known."""
    assert type_of_name(name) is kind


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("My film.MOV", "My film"),
        ("2025.10.17", "2025.10.17"),
        ("../../etc/passwd", "passwd"),
        ("C:\\films\\a.mp4", "a"),
        ("日本の動画.mp4", "日本の動画"),
        ('a"b;c|d\u202e.mp4', "a_b_c_d_"),
        ("-rf.mp4", "rf"),
        (".mp4", "mp4"),
        ("...", "film"),
        ("", "film"),
        ("👩", "_"),
        ("x" * 255, "x" * MAX_STEM_CHARS),
    ],
)
def test_what_is_made_of_an_asset_has_its_name(name: str, stem: str) -> None:
    """As far as any system has it."""
    assert stem_of(name) == stem
    assert len(f"{stem}.webm".encode()) <= 255
