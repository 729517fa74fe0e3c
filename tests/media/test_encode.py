"""Encode profiles."""

import pytest

from oven.media.encode import (
    LEAST_BITRATE_BPS,
    PHOTO,
    PIXEL,
    Crf,
    Profile,
    Qp,
    at_quality,
    bitrate_to_fit,
)


def test_the_pixel_profile_as_text() -> None:
    """The settings that keep large pixel art within a small machine's memory."""
    assert PIXEL.preset == "ultrafast"
    assert PIXEL.params(2) == (
        "cabac=1:8x8dct=1:analyse=i4x4,p8x8:ref=1:subme=0:me=umh:me-range=16:trellis=1:"
        "chroma-qp-offset=2:no-deblock=1:mbtree=0:aq-mode=0:bframes=0:weightp=0:scenecut=0:rc-lookahead=0:sync-lookahead=0:threads=2"
    )


def test_the_photo_profile_as_text() -> None:
    """What continuous tones are worth."""
    assert PHOTO.preset == "ultrafast"
    assert PHOTO.params(1) == (
        "cabac=1:8x8dct=1:analyse=i8x8,i4x4,p8x8:ref=1:subme=1:me=hex:no-deblock=0:mbtree=0:"
        "chroma-qp-offset=-2:aq-mode=1:aq-strength=0.5:qcomp=0.8:bframes=0:weightp=0:scenecut=0:"
        "rc-lookahead=0:sync-lookahead=0:threads=1"
    )


@pytest.mark.parametrize(
    ("number", "pixel", "photo"),
    [(0, 29, 34.5), (25, 24, 29.5), (50, 19, 24.5), (53, 18, 23.9), (75, 14, 19.5), (100, 9, 14.5)],
)
def test_one_number_for_every_profile(number: int, pixel: int, photo: float) -> None:
    """Fifty is a profile's own quality; ten more are two steps finer."""
    assert at_quality(PIXEL, number) == Qp(pixel)
    assert at_quality(PHOTO, number) == Crf(photo)


@pytest.mark.parametrize("profile", [PIXEL, PHOTO])
def test_every_number_is_a_quality_of_x264(profile: Profile) -> None:
    """However low or high, and each at least as fine as the one below it."""
    values = [at_quality(profile, number)[0] for number in range(101)]
    assert all(0 < value < 51 for value in values)
    assert values == sorted(values, reverse=True)


def test_fitting_leaves_room_for_sound() -> None:
    """Nine tenths of the limit, less the sound."""
    assert bitrate_to_fit(1_000_000, 8, 128_000).bits_per_second == 900_000 - 128_000


def test_fitting_never_asks_for_nothing() -> None:
    """A limit that cannot be met still gives a bitrate that x264 takes."""
    assert bitrate_to_fit(10, 600, 128_000).bits_per_second == LEAST_BITRATE_BPS
