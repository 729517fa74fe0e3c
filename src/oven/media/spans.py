"""Ranges of a file's bytes: what has to be read of it, in as few pieces as is good."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

# Less between two ranges is read with them: a request takes as long.
GAP_BYTES = 262_144
PIECE_BYTES = 8 << 20


class Span(NamedTuple):
    """The bytes from `start` on, up to `end`, which is none of them."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


def joined(spans: Iterable[Span]) -> list[Span]:
    """Order spans, and join those that overlap or stand near to one another.

    >>> joined([Span(900_000, 900_010), Span(0, 5), Span(100, 200)])
    [Span(start=0, end=200), Span(start=900000, end=900010)]
    """
    together: list[Span] = []
    for span in sorted(spans):
        if together and span.start <= together[-1].end + GAP_BYTES:
            together[-1] = Span(together[-1].start, max(together[-1].end, span.end))
        else:
            together.append(span)
    return together


def pieces(spans: Sequence[Span]) -> Iterator[Span]:
    """Cut spans into what is read at once."""
    for span in spans:
        for start in range(span.start, span.end, PIECE_BYTES):
            yield Span(start, min(span.end, start + PIECE_BYTES))
