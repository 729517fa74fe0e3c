"""Encode profiles."""

from oven.media.encode import LEAST_BITRATE_BPS, PIXEL, bitrate_to_fit


def test_the_pixel_profile_as_text() -> None:
    """The settings that keep large pixel art within a small machine's memory."""
    assert PIXEL.preset == "ultrafast"
    assert PIXEL.params(2) == (
        "cabac=1:8x8dct=1:analyse=i8x8,i4x4:ref=2:subme=0:me=dia:no-deblock=1:mbtree=0:aq-mode=0:bframes=0:"
        "weightp=0:scenecut=0:rc-lookahead=0:sync-lookahead=0:keyint=600:threads=2"
    )


def test_fitting_leaves_room_for_sound() -> None:
    """Nine tenths of the limit, less the sound."""
    assert bitrate_to_fit(1_000_000, 8, 128_000).bits_per_second == 900_000 - 128_000


def test_fitting_never_asks_for_nothing() -> None:
    """A limit that cannot be met still gives a bitrate that x264 takes."""
    assert bitrate_to_fit(10, 600, 128_000).bits_per_second == LEAST_BITRATE_BPS
