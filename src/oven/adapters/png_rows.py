"""The rows of a PNG's inflated pixels, judged without undoing their filters.

(PNG, third edition: 8 on interlacing, 9 on filters.)
"""

from dataclasses import dataclass

# Start and step of each Adam7 pass, by column and row.
PASSES = ((0, 8, 0, 8), (4, 8, 0, 8), (0, 4, 4, 8), (2, 4, 0, 4), (0, 2, 2, 4), (1, 2, 0, 2), (0, 1, 1, 2))
NONE, SUB, UP, AVERAGE, PAETH = range(5)
OPAQUE = b"\xff"
# What is left of 255 when half of one neighbour is taken away, the other being outside.
HALF = b"\x80"
ZERO = b"\0"


@dataclass(frozen=True, slots=True)
class Pass:
    """Rows of one length: `count` of them, each a filter's number and `length - 1` bytes."""

    count: int
    length: int


def passes(width: int, height: int, pixel_bits: int, *, interlaced: bool) -> list[Pass]:
    """Give the passes of a picture, the empty ones left out."""
    sizes = [(width, height)]
    if interlaced:
        sizes = [
            (-(-max(0, width - left) // across), -(-max(0, height - top) // down))
            for left, across, top, down in PASSES
        ]
    return [Pass(rows, 1 + (columns * pixel_bits + 7) // 8) for columns, rows in sizes if columns and rows]


def size_bytes(parts: list[Pass]) -> int:
    return sum(part.count * part.length for part in parts)


def has_true_filters(raw: bytes, parts: list[Pass]) -> bool:
    """Whether every row is filtered in a way that exists."""
    start = 0
    for part in parts:
        end = start + part.count * part.length
        if max(raw[start : end : part.length]) > PAETH:
            return False
        start = end
    return True


def is_opaque(raw: bytes, width: int, height: int, samples: int) -> bool:
    """Whether the last of so many samples of 8 bits is 255 in every pixel; rows are not interlaced.

    A filter leaves of a sample what its neighbours do not foretell, and neighbours that are all 255 foretell
    the same everywhere.  So an opaque picture has these bytes and no others, row by row, whichever filter a
    row was written with.
    """
    length = 1 + width * samples
    first = (
        OPAQUE * width,
        OPAQUE + ZERO * (width - 1),
        OPAQUE * width,
        OPAQUE + HALF * (width - 1),
        OPAQUE + ZERO * (width - 1),
    )
    later = (
        OPAQUE * width,
        OPAQUE + ZERO * (width - 1),
        ZERO * width,
        HALF + ZERO * (width - 1),
        ZERO * width,
    )
    wanted = first
    for start in range(0, height * length, length):
        if raw[start + samples : start + length : samples] != wanted[raw[start]]:
            return False
        wanted = later
    return True
