"""Tapes that are drawn for benchmarks are tapes as recorders write them."""

from pathlib import Path

import pytest

from benchmarks.tapes import KINDS, record
from tests.conftest import Bake


@pytest.mark.parametrize("name", KINDS)
def test_the_same_tape_each_time(tmp_path: Path, name: str) -> None:
    """Byte for byte, whatever else was drawn before."""
    tapes = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        tapes.append(record(folder, name, seconds=0.04).file.read_bytes())
    assert tapes[0] == tapes[1]


async def test_oven_takes_it(bake: Bake, tmp_path: Path) -> None:
    """Its frames, times, sound and metadata agree: there is nothing to warn of."""
    tape = record(tmp_path, "sync", seconds=0.3)
    outcome = await bake(tape.file, scale=1)
    assert outcome.result is not None
    assert outcome.result["warnings"] == []
    assert outcome.result["sourceFrames"] == len(tape.starts_s)
    assert outcome.result["avOffsetMs"] is not None
    assert abs(outcome.result["duration"] - tape.total_s) <= 1 / 60


async def test_without_sound(bake: Bake, tmp_path: Path) -> None:
    """As the command that it is held against makes none."""
    outcome = await bake(record(tmp_path, "sync", seconds=0.1, sound=False).file, scale=1)
    assert outcome.result is not None
    assert outcome.result["avOffsetMs"] is None
