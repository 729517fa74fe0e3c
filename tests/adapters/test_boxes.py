"""Boxes of MP4 files."""

import struct
from pathlib import Path

import pytest

from oven.adapters.boxes import MAX_BOXES, is_cut, top_level_boxes, walk_boxes


def box(kind: bytes, payload: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(payload), kind) + payload


@pytest.mark.parametrize(
    ("data", "boxes"),
    [
        (box(b"ftyp", b"isom") + box(b"moov", bytes(99)) + box(b"mdat", bytes(5)), ["ftyp", "moov", "mdat"]),
        (struct.pack(">I4sQ", 1, b"mdat", 20) + bytes(4) + box(b"moov"), ["mdat", "moov"]),
        (box(b"ftyp") + struct.pack(">I4s", 0, b"mdat") + bytes(50), ["ftyp", "mdat"]),
        (struct.pack(">I4s", 3, b"evil") + bytes(50), ["evil"]),
        (struct.pack(">I4s", 4_000_000_000, b"mdat"), ["mdat"]),
        (b"short", []),
    ],
)
def test_boxes_in_order(tmp_path: Path, data: bytes, boxes: list[str]) -> None:
    """Plain, 64-bit, to the end of the file; impossible sizes end the walk."""
    file = tmp_path / "a.mp4"
    file.write_bytes(data)
    assert top_level_boxes(file) == boxes


def test_the_walk_is_bounded(tmp_path: Path) -> None:
    """A million tiny boxes are not all read."""
    file = tmp_path / "a.mp4"
    file.write_bytes(box(b"free") * 1000)
    assert len(top_level_boxes(file)) == MAX_BOXES


@pytest.mark.parametrize(
    ("data", "cut"),
    [
        (box(b"ftyp", b"avif") + box(b"mdat", bytes(50)), False),
        (box(b"ftyp", b"avif") + box(b"mdat", bytes(50))[:-1], True),
        (box(b"ftyp", b"avif") + struct.pack(">I4s", 0, b"mdat") + bytes(5), False),
        (struct.pack(">I4s", 3, b"evil"), False),
        (b"short", False),
    ],
)
def test_whether_it_is_cut(tmp_path: Path, data: bytes, cut: bool) -> None:  # noqa: FBT001
    """By what the boxes say of their sizes."""
    file = tmp_path / "a.avif"
    file.write_bytes(data)
    assert is_cut(file) == cut


def test_places_and_sizes(tmp_path: Path) -> None:
    """Each as it says, also beyond the end of the file; no more than were asked for."""
    file = tmp_path / "a.mp4"
    file.write_bytes(box(b"ftyp", b"isom") + struct.pack(">I4s", 5000, b"mdat"))
    assert walk_boxes(file, 9) == [("ftyp", 0, 12), ("mdat", 12, 5000)]
    assert walk_boxes(file, 1) == [("ftyp", 0, 12)]
