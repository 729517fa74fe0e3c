"""What may run beside what runs; the rest stands with the engine."""

import pytest

from oven.domain.job import Lane
from oven.engines.running import free_kinds
from tests.engines.test_embedded import BOOK

KINDS = {kind: BOOK[kind] for kind in ("take", "carry", "carry-too", "show")}
SLOTS = {Lane.ENCODE: 2, Lane.IMPORT: 1, Lane.IMAGE: 0}


@pytest.mark.parametrize(
    ("running", "free"),
    [
        ([], ["take", "carry", "carry-too"]),
        (["take"], ["take", "carry", "carry-too"]),
        (["take", "take"], ["carry", "carry-too"]),
        # Kinds of one lane share its slots; none may be more than full.
        (["carry-too", "take"], ["take"]),
        (["carry", "carry-too", "take", "take", "show"], []),
    ],
)
def test_kinds_with_a_free_slot(running: list[str], free: list[str]) -> None:
    """By lane; a lane without slots runs nothing."""
    assert free_kinds(KINDS, SLOTS, running) == free
