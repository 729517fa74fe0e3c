"""The database's file, before it is opened; its migrations stand with the engine."""

import os
from pathlib import Path

import pytest

from oven.adapters.database.engine import open_database
from oven.domain.errors import Code, OvenError


@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
async def test_what_is_no_file(tmp_path: Path, kind: str) -> None:
    """Refused, and not touched: not even its mode."""
    place = Path("/dev/null") if kind == "device" else tmp_path / kind
    if kind == "pipe":
        os.mkfifo(place, 0o644)
    elif kind == "folder":
        place.mkdir()
    before = place.stat().st_mode
    with pytest.raises(OvenError) as caught:
        async with open_database(tmp_path / "data", place):
            pass
    assert caught.value.code is Code.STORAGE_DENIED
    assert place.stat().st_mode == before
    assert not place.with_name(f"{place.name}.lock").exists()
