"""Every bad input, sent to a daemon: refused by the right code, and nothing let in."""

from pathlib import Path

import pytest

from tests.corpus.archives import MAX_UNPACKED_BYTES, MAX_ZIP_BYTES
from tests.corpus.attack import SLOTS, attack

MEGABYTE = 1 << 20
LEAST = 300


@pytest.mark.timeout(240)
async def test_every_bad_input(tmp_path: Path) -> None:
    """Each by its own code, none by a crash; good tapes bake before and after; the cost stays bounded."""
    report = await attack(tmp_path)
    assert report.wrong == []
    assert report.codes.total() >= LEAST
    assert report.cost.daemon < report.at_rest + 64 * MEGABYTE
    assert report.cost.child < 512 * MEGABYTE
    assert 0 < report.cost.work < SLOTS * (MAX_ZIP_BYTES + MAX_UNPACKED_BYTES)
