"""The top-level boxes of an MP4 and of its like (ISO/IEC 14496-12, 4.2)."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from oven.media.wholeness import Box

BOX_HEADER_BYTES = 8
LARGE_SIZE_BYTES = 8
# No file of ours has more than a handful; a stranger's could have millions.
MAX_BOXES = 64


def top_level_boxes(file: Path) -> list[str]:
    """Give the types of a file's boxes in order, as far as they can be followed."""
    return [box.kind for box in walk_boxes(file, MAX_BOXES)]


def is_cut(file: Path) -> bool:
    """Whether a file ends within one of its boxes, as far as they can be followed."""
    end = max((box.position + box.size for box in walk_boxes(file, MAX_BOXES)), default=0)
    return end > file.stat().st_size


def walk_boxes(file: Path, most: int) -> list[Box]:
    """Give a file's boxes in order, as far as they can be followed, and so many at most."""
    return list(islice(_boxes(file), most))


def _boxes(file: Path) -> Iterator[Box]:
    with file.open("rb") as opened:
        end = os.fstat(opened.fileno()).st_size
        position = 0
        while position + BOX_HEADER_BYTES <= end:
            opened.seek(position)
            header = opened.read(BOX_HEADER_BYTES)
            size, kind = int.from_bytes(header[:4]), header[4:].decode("ascii", "replace")
            if size == 1:
                size = int.from_bytes(opened.read(LARGE_SIZE_BYTES))
            elif size == 0:
                size = end - position
            yield Box(kind, position, size)
            if size < BOX_HEADER_BYTES:
                return
            position += size
