"""Ranges of bytes."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from oven.media.spans import GAP_BYTES, PIECE_BYTES, Span, joined, pieces

SPANS = st.lists(
    st.tuples(st.integers(0, 40 << 20), st.integers(1, 20 << 20)).map(lambda each: Span(each[0], sum(each)))
)


@given(SPANS)
def test_joined_spans_hold_all(spans: list[Span]) -> None:
    """In order, each within one, and far enough from one another to be worth a request each."""
    together = joined(spans)
    assert all(any(one.start <= span.start and span.end <= one.end for one in together) for span in spans)
    assert all(after.start - before.end > GAP_BYTES for before, after in pairwise(together))
    ends = {span.start for span in spans}, {span.end for span in spans}
    assert all(one.start in ends[0] and one.end in ends[1] for one in together)


@given(SPANS)
def test_pieces_are_all_of_it(spans: list[Span]) -> None:
    """Once, and none too large to be held."""
    together = joined(spans)
    cut = list(pieces(together))
    assert sum(span.length for span in cut) == sum(span.length for span in together)
    assert all(0 < span.length <= PIECE_BYTES for span in cut)
