"""Files that end before they should."""

import pytest

from oven.domain.errors import BadInputError, Code
from oven.media.containers import EBML
from oven.media.wholeness import Box, box_at, check_boxes, check_head, truncated

FTYP, MOOV = Box("ftyp", 0, 32), Box("moov", 32, 68)


def refusal(boxes: list[Box], size_bytes: int, *, is_walked: bool = True) -> Code | None:
    try:
        check_boxes(boxes, size_bytes, is_walked=is_walked)
    except BadInputError as error:
        return error.code
    return None


@pytest.mark.parametrize(
    ("boxes", "size_bytes", "code"),
    [
        ([FTYP, MOOV, Box("mdat", 100, 900)], 1000, None),
        ([FTYP, MOOV, Box("mdat", 100, 900)], 999, Code.MEDIA_TRUNCATED),
        ([FTYP, Box("mdat", 32, 900)], 932, Code.MEDIA_TRUNCATED),
        ([FTYP, Box("mdat", 32, 900), Box("moov", 932, 500)], 1000, Code.MEDIA_TRUNCATED),
        ([FTYP, MOOV, Box("mdat", 100, 900), Box("junk", 1000, 9999)], 1100, None),
        ([FTYP], 32, Code.MEDIA_INVALID),
        ([], 3, Code.MEDIA_INVALID),
    ],
)
def test_boxes(boxes: list[Box], size_bytes: int, code: Code | None) -> None:
    """A known box beyond the end, or a missing index, is half a file; what others added is not looked at."""
    assert refusal(boxes, size_bytes) is code


def test_too_many_boxes() -> None:
    """Where the index was not reached, nobody says that there is none."""
    assert refusal([FTYP, Box("mdat", 32, 900)], 932, is_walked=False) is None


def matroska(size: bytes) -> bytes:
    return EBML + b"\x84" + bytes(4) + b"\x18\x53\x80\x67" + size


@pytest.mark.parametrize(
    ("head", "size_bytes", "is_whole"),
    [
        (matroska(b"\x42\x00"), 15 + 512, True),
        (matroska(b"\x42\x00"), 14 + 512, False),
        (matroska(b"\x01\xff\xff\xff\xff\xff\xff\xff"), 100, True),
        (matroska(b""), 100, True),
        (EBML, 100, True),
        (EBML + b"\x84" + bytes(20), 100, True),
        (b"RIFF\x00\x10\x00\x00AVI ", 4096 + 8, True),
        (b"RIFF\x00\x10\x00\x00AVI ", 4095, False),
        (b"RIFF\x00\x00\x00\x00WAVE", 100, True),
        (b"RIFF\xff\xff\xff\xffWAVE", 100, True),
        (b"RF64\xff\x00\x00\x00WAVE", 100, True),
        (b"fLaC\xff\xff\xff\xff", 100, True),
    ],
)
def test_heads(head: bytes, size_bytes: int, *, is_whole: bool) -> None:
    """Sizes that were written are believed; those of streams say nothing."""
    if is_whole:
        check_head(head, size_bytes)
        return
    with pytest.raises(BadInputError) as caught:
        check_head(head, size_bytes)
    assert caught.value.code is Code.MEDIA_TRUNCATED


def test_how_much_is_missing() -> None:
    """Both sizes are told."""
    assert "after 5,000 bytes; by its own sizes it has 22,488" in truncated(22_488, 5_000).message


@pytest.mark.parametrize(
    ("header", "box"),
    [
        (b"\x00\x00\x00\x14moov....", Box("moov", 9, 20)),
        (b"\x00\x00\x00\x01mdat\x00\x00\x00\x01\x00\x00\x00\x00", Box("mdat", 9, 1 << 32)),
        (b"\x00\x00\x00\x00mdat", Box("mdat", 9, 491)),
        (b"\x00\x00\x00\x08fre", None),
        (b"", None),
    ],
)
def test_the_header_of_a_box(header: bytes, box: Box | None) -> None:
    """Of a size of four bytes, of eight, or of all that is left; none where it is cut off."""
    assert box_at(header, 9, 500) == box
