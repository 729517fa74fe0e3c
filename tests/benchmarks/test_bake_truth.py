"""What is measured of a film is what the film shows."""

from fractions import Fraction
from pathlib import Path

import pytest

from benchmarks import bake_ways
from benchmarks.bake_truth import look, timing_of
from benchmarks.children import measured
from benchmarks.tapes import record

STARTS_S = (0.0, 0.04, 0.08, 0.12)
RATE = Fraction(25)


def test_each_frame_in_its_slot() -> None:
    """Nothing is dropped, nothing late."""
    timing = timing_of([0, 1, 2, 3], [0, 1, 2, 3], STARTS_S, RATE)
    assert timing.dropped == 0
    assert timing.largest_start_error_s == pytest.approx(0)


def test_the_largest_error_counts() -> None:
    """A frame that a slot shows late; only its first slot counts."""
    timing = timing_of([0, 0, 0, 2, 2, 2], [0, 1, 2, 3], STARTS_S, RATE)
    assert timing.dropped == 2
    assert timing.largest_start_error_s == pytest.approx(0.04)


def test_twins_are_one() -> None:
    """Of equal neighbours nobody sees which is shown: they count once, from the first one's time."""
    timing = timing_of([0, 2, 2, 3], [0, 1, 1, 3], STARTS_S, RATE)
    assert timing.dropped == 0
    assert timing.largest_start_error_s == pytest.approx(0)


async def test_a_film_that_is_true(tmp_path: Path) -> None:
    """Oven's shows each frame within half a slot, as near to the tape as its encoder's setting is."""
    tape = record(tmp_path, "sync", seconds=0.3)
    way = await bake_ways.encode(tape, tmp_path / "encode", 1)
    truth = look(tape, way._replace(folder=tmp_path / "encode", file=bake_ways.FILM), 1, referee=None)
    assert truth.largest_start_error_s <= 0.5 / 60 + 1e-6
    assert abs(truth.end_error_s) <= 1 / 60
    assert min(truth.psnr_rgb, truth.psnr_luma) > 40
    assert truth.picture_bytes > 0


def test_a_film_in_another_matrix_is_seen(tmp_path: Path) -> None:
    """Colours that are read by a matrix they were not written in are not near to the tape's."""
    tape = record(tmp_path, "phone", seconds=0.2)
    folder = tmp_path / "constant"
    way = bake_ways.constant(tape, folder, 1)
    measured(way.words, way.folder)
    right = look(tape, way, 1, referee=None)
    (folder / "slots").rename(folder / "before")
    wrong = look(tape, way._replace(matrix="bt709"), 1, referee=None)
    assert wrong.psnr_luma < right.psnr_luma - 3
    assert wrong.psnr_rgb < right.psnr_rgb
