"""Whether a file is as long as it says of itself: by its containers' sizes alone."""

from collections.abc import Sequence
from typing import NamedTuple

from oven.domain.errors import BadInputError, Code
from oven.media.containers import EBML, read_vint

# A size from here on was never written: the file was made as a stream.
UNKNOWN_RIFF_BYTES = 0x7FFF_F000
# The size and the type of a box, and a size for which the first has no room.
LEAST_HEADER_BYTES = 8
BOX_HEADER_BYTES = 16
SEGMENT = b"\x18\x53\x80\x67"
# What follows the last of these, and is none of them, was put there by others, and is no part of the film.
BOXES = {
    *("ftyp", "styp", "moov", "moof", "mdat", "free", "skip", "wide", "uuid", "udta", "meta", "sidx"),
    *("ssix", "mfra", "emsg", "prft", "pdin"),
}


class Box(NamedTuple):
    """A top-level box: its type, where it begins and how long it says it is, both in bytes."""

    kind: str
    position: int
    size: int


def box_at(header: bytes, position: int, end: int) -> Box | None:
    """Read the header of a box (ISO/IEC 14496-12, 4.2), its first `BOX_HEADER_BYTES` bytes, or what there is.

    None where there is none; one that reaches to the end says nothing of its size.

    >>> box_at(bytes([0, 0, 0, 20]) + b"moov", 100, 500)
    Box(kind='moov', position=100, size=20)
    """
    if len(header) < LEAST_HEADER_BYTES:
        return None
    size, kind = int.from_bytes(header[:4]), header[4:LEAST_HEADER_BYTES].decode("ascii", "replace")
    if size == 1:
        size = int.from_bytes(header[LEAST_HEADER_BYTES:BOX_HEADER_BYTES])
    elif size == 0:
        size = end - position
    return Box(kind, position, size)


def check_boxes(boxes: Sequence[Box], size_bytes: int, *, is_walked: bool) -> None:
    """Refuse an MP4 or MOV of `size_bytes` that ends before its boxes do, or lacks its index.

    Args:
        boxes: its top-level boxes in order.
        size_bytes: the file's.
        is_walked: whether these are all of them.

    Raises:
        BadInputError: MEDIA_TRUNCATED, MEDIA_INVALID.

    """
    for box in boxes:
        if box.kind in BOXES and box.position + box.size > size_bytes:
            raise truncated(box.position + box.size, size_bytes)
    kinds = {box.kind for box in boxes}
    if "moov" in kinds or not is_walked:
        return
    if "mdat" in kinds:
        raise BadInputError(
            Code.MEDIA_TRUNCATED,
            "the file ends before its index (moov), which stands at its end",
            hint="Send all of it.",
        )
    raise BadInputError(Code.MEDIA_INVALID, "the file has no index (moov)", hint="Make it again.")


def check_head(head: bytes, size_bytes: int) -> None:
    """Refuse a Matroska or RIFF file of `size_bytes` that says it is longer, by its first bytes.

    Raises:
        BadInputError: MEDIA_TRUNCATED.

    """
    said = _matroska_bytes(head) if head.startswith(EBML) else _riff_bytes(head)
    if said is not None and said > size_bytes:
        raise truncated(said, size_bytes)


def truncated(said_bytes: int, size_bytes: int) -> BadInputError:
    """Make the error of a file that is shorter than it says."""
    return BadInputError(
        Code.MEDIA_TRUNCATED,
        f"the file ends after {size_bytes:,} bytes; by its own sizes it has {said_bytes:,} at least",
        hint="Send all of it.",
    )


def _matroska_bytes(head: bytes) -> int | None:
    """Give where the segment ends (RFC 9559, 5.1.1): the second element of all; None where it is open."""
    header = read_vint(head, len(EBML))
    if header is None or header[0] is None:
        return None
    position = header[1] + header[0]
    if head[position : position + len(SEGMENT)] != SEGMENT:
        return None
    segment = read_vint(head, position + len(SEGMENT))
    return None if segment is None or segment[0] is None else segment[1] + segment[0]


def _riff_bytes(head: bytes) -> int | None:
    """Give the size of a RIFF file without its header's 8 bytes, which some writers count; None if open."""
    size = int.from_bytes(head[4:8], "little")
    return size if head[:4] == b"RIFF" and size < UNKNOWN_RIFF_BYTES else None
