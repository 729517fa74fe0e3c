"""A file that its sender puts into a store in parts: how large they are, and whether all are there."""

from collections.abc import Sequence
from typing import NamedTuple

from oven.domain.errors import BadInputError, Code

MIB = 1 << 20
# Of the parts that are proposed: small enough to be sent again, large enough that there are few.
LEAST_PART_BYTES = 8 * MIB
# So many links fit in one answer.
MAX_PARTS = 1_000
# The most that this machine takes at once.
MAX_PART_BYTES = 64 * MIB
# S3's own least, of all parts but the last.
SMALLEST_PART_BYTES = 5 * MIB


class Part(NamedTuple):
    """One part that has arrived, by its number, which counts from 1."""

    number: int
    size_bytes: int


def part_bytes_for(size_bytes: int) -> int:
    """Give the size of the parts that a file is sent in, whole MiB: no fewer than 8, with which 1 000 do.

    They are of 64 MiB at most, wherever a file has no more than 62.5 GiB.
    """
    return max(LEAST_PART_BYTES, -(-size_bytes // (MAX_PARTS * MIB)) * MIB)


def whole_bytes_of(parts: Sequence[Part], *, max_bytes: int, min_bytes: int = 0) -> int:
    """Give the size of a file whose parts, in any order, are all there.

    Raises:
        BadInputError: UPLOAD_INCOMPLETE, UPLOAD_TOO_LARGE.

    """
    if not parts:
        raise BadInputError(
            Code.UPLOAD_INCOMPLETE, "nothing has arrived", hint="Put every part to its own link, then end."
        )
    sizes = dict(parts)
    for number in range(1, max(sizes) + 1):
        if number not in sizes:
            raise BadInputError(
                Code.UPLOAD_INCOMPLETE,
                f"part {number} of {max(sizes)} is missing",
                hint="Put it to its link, then end again.",
            )
        if sizes[number] < SMALLEST_PART_BYTES and number != max(sizes):
            raise BadInputError(
                Code.UPLOAD_INCOMPLETE,
                f"part {number} has {sizes[number]:,} bytes; "
                f"all but the last have {SMALLEST_PART_BYTES:,} or more",
                hint="Put it again, whole, then end again.",
            )
    size_bytes = sum(sizes.values())
    if size_bytes < min_bytes:
        raise BadInputError(
            Code.UPLOAD_INCOMPLETE,
            f"{size_bytes:,} bytes of {min_bytes:,} have arrived",
            hint="Put the rest to its links, then end again.",
        )
    if size_bytes > max_bytes:
        raise BadInputError(
            Code.UPLOAD_TOO_LARGE, f"the parts have {size_bytes:,} bytes; the limit is {max_bytes:,}"
        )
    return size_bytes


def gone() -> BadInputError:
    """Give what ends an upload that its store does not know any more."""
    return BadInputError(
        Code.UPLOAD_INCOMPLETE, "the upload was taken back, with all its parts", hint="Begin another one."
    )
