"""The top-level boxes of an MP4 and of its like (ISO/IEC 14496-12, 4.2)."""

import os
from collections.abc import Iterator
from pathlib import Path

BOX_HEADER_BYTES = 8
LARGE_SIZE_BYTES = 8
# No file of ours has more than a handful; a stranger's could have millions.
MAX_BOXES = 64


def top_level_boxes(file: Path) -> list[str]:
    """Give the types of a file's boxes in order, as far as they can be followed."""
    return [kind for kind, _ in _walk(file)]


def is_cut(file: Path) -> bool:
    """Whether a file ends within one of its boxes, as far as they can be followed."""
    return max((end for _, end in _walk(file)), default=0) > file.stat().st_size


def _walk(file: Path) -> Iterator[tuple[str, int]]:
    """Give each box's type, and where it ends."""
    with file.open("rb") as opened:
        end = os.fstat(opened.fileno()).st_size
        position = 0
        for _ in range(MAX_BOXES):
            if position + BOX_HEADER_BYTES > end:
                return
            opened.seek(position)
            header = opened.read(BOX_HEADER_BYTES)
            size, kind = int.from_bytes(header[:4]), header[4:].decode("ascii", "replace")
            if size == 1:
                size = int.from_bytes(opened.read(LARGE_SIZE_BYTES))
            elif size == 0:
                size = end - position
            yield kind, position + size
            if size < BOX_HEADER_BYTES:
                return
            position += size
