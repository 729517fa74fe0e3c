"""The top-level boxes of an MP4 (ISO/IEC 14496-12, 4.2)."""

import os
from pathlib import Path

BOX_HEADER_BYTES = 8
LARGE_SIZE_BYTES = 8
# No file of ours has more than a handful; a stranger's could have millions.
MAX_BOXES = 64


def top_level_boxes(file: Path) -> list[str]:
    """Give the types of a file's boxes in order, as far as they can be followed."""
    boxes: list[str] = []
    with file.open("rb") as opened:
        end = os.fstat(opened.fileno()).st_size
        position = 0
        while position + BOX_HEADER_BYTES <= end and len(boxes) < MAX_BOXES:
            opened.seek(position)
            header = opened.read(BOX_HEADER_BYTES)
            size, kind = int.from_bytes(header[:4]), header[4:].decode("ascii", "replace")
            if size == 1:
                size = int.from_bytes(opened.read(LARGE_SIZE_BYTES))
            elif size == 0:
                size = end - position
            boxes.append(kind)
            if size < BOX_HEADER_BYTES:
                break
            position += size
    return boxes
