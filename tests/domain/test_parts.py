"""Files in parts: their sizes, and what is missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oven.domain.errors import BadInputError, Code
from oven.domain.parts import (
    LEAST_PART_BYTES,
    MAX_PART_BYTES,
    MAX_PARTS,
    MIB,
    SMALLEST_PART_BYTES,
    Part,
    part_bytes_for,
    whole_bytes_of,
)


@given(st.integers(0, 5_000_000 * MIB))
def test_any_file_can_be_parted(size_bytes: int) -> None:
    """Into parts that are no fewer than they must be, and no smaller than is worth a request."""
    part_bytes = part_bytes_for(size_bytes)
    assert part_bytes >= LEAST_PART_BYTES
    assert part_bytes % MIB == 0
    assert -(-size_bytes // part_bytes) <= MAX_PARTS
    if size_bytes <= MAX_PARTS * MAX_PART_BYTES:
        assert part_bytes <= MAX_PART_BYTES


@pytest.mark.parametrize(
    ("size_bytes", "part_bytes"),
    [
        (0, 8 * MIB),
        (8_000 * MIB, 8 * MIB),
        (8_000 * MIB + 1, 9 * MIB),
        (64_000 * MIB, 64 * MIB),
        (64_000 * MIB + 1, 65 * MIB),
    ],
)
def test_where_parts_grow(size_bytes: int, part_bytes: int) -> None:
    """At 1 000 of them."""
    assert part_bytes_for(size_bytes) == part_bytes


def test_parts_that_are_all_there() -> None:
    """In any order; the last may be of any size."""
    parts = [Part(2, 0), Part(1, SMALLEST_PART_BYTES)]
    assert whole_bytes_of(parts, max_bytes=SMALLEST_PART_BYTES) == SMALLEST_PART_BYTES


@pytest.mark.parametrize(
    ("parts", "code", "said"),
    [
        ([], Code.UPLOAD_INCOMPLETE, "nothing has arrived"),
        ([(2, 9)], Code.UPLOAD_INCOMPLETE, "part 1 of 2 is missing"),
        (
            [(1, SMALLEST_PART_BYTES), (4, 9), (2, SMALLEST_PART_BYTES)],
            Code.UPLOAD_INCOMPLETE,
            "part 3 of 4 is missing",
        ),
        ([(1, SMALLEST_PART_BYTES - 1), (2, 9)], Code.UPLOAD_INCOMPLETE, "part 1 has 5,242,879 bytes"),
        ([(1, 6 << 20)], Code.UPLOAD_TOO_LARGE, "the parts have 6,291,456 bytes; the limit is 6,000,000"),
    ],
)
def test_parts_that_make_no_file(parts: list[tuple[int, int]], code: Code, said: str) -> None:
    """Each time the first that is wrong is told."""
    with pytest.raises(BadInputError, match=said) as caught:
        whole_bytes_of([Part(*part) for part in parts], max_bytes=6_000_000)
    assert caught.value.code is code


def test_less_than_was_announced() -> None:
    """Is not all of it, although no part is missing between others."""
    with pytest.raises(BadInputError) as refused:
        whole_bytes_of([Part(1, 9)], max_bytes=10, min_bytes=10)
    assert (refused.value.code, refused.value.message) == (
        Code.UPLOAD_INCOMPLETE,
        "9 bytes of 10 have arrived",
    )
    assert whole_bytes_of([Part(1, 10)], max_bytes=10, min_bytes=10) == 10
