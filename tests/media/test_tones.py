"""Which profile goes with a tape's pictures."""

import pytest

from oven.media.encode import PHOTO, PIXEL
from oven.media.tones import LOOKS, Tones, looked_at, profile_for, read_tones


@pytest.mark.parametrize("frames", [1, 2, 5, 6, 7, 240, 10_000])
def test_frames_to_look_at(frames: int) -> None:
    """Few, each once, in order, from the first to the last."""
    looks = looked_at(frames)
    assert len(looks) == min(LOOKS, frames)
    assert list(looks) == sorted(set(looks))
    assert (looks[0], looks[-1]) == (0, frames - 1)


@pytest.mark.parametrize(
    ("equal", "colors"), [(0.99, 0.001), (0.91, 0.0001), (0.71, 0.002), (0.33, 0.0001), (0.2, 0.0002)]
)
def test_pixel_art(equal: float, colors: float) -> None:
    """Drawing, plasma, text, tiles and dithering, as measured."""
    assert profile_for(Tones(equal, colors)) is PIXEL


@pytest.mark.parametrize(("equal", "colors"), [(0.002, 0.88), (0.0, 1.0)])
def test_continuous_tones(equal: float, colors: float) -> None:
    """A photo and noise, as measured."""
    assert profile_for(Tones(equal, colors)) is PHOTO


def test_either_makes_it_pixel_art() -> None:
    """Many colours with flat places between, and few colours without."""
    assert profile_for(Tones(0.1, 0.9)) is PIXEL
    assert profile_for(Tones(0.0, 0.05)) is PIXEL


def test_an_inspection_that_told_nothing() -> None:
    """A job that an older release began ends as it would have."""
    assert read_tones({"size": [1, 1]}) is None
    assert profile_for(None) is PIXEL


def test_an_inspection_that_told() -> None:
    """Its words are the members' names."""
    told = {"tones": {"equal_share": 0.5, "color_share": 0.25}}
    assert read_tones(told) == Tones(equal_share=0.5, color_share=0.25)
