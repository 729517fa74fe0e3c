"""The top-level boxes of an MP4 and of its like (ISO/IEC 14496-12, 4.2)."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from oven.media.wholeness import BOX_HEADER_BYTES, LEAST_HEADER_BYTES, Box, box_at

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
        while position < end:
            opened.seek(position)
            box = box_at(opened.read(BOX_HEADER_BYTES), position, end)
            if box is None:
                return
            yield box
            if box.size < LEAST_HEADER_BYTES:
                return
            position += box.size
