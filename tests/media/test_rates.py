"""How many bits, and how many frames a second."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oven.media.edit import CopiedSound, EncodedSound, TargetSize
from oven.media.operations import Format, OptionError, SoundCodec, VideoCodec
from oven.media.rates import Film, constant_rate, mean_rate, settle_rate, sound_bps
from oven.media.wish import Said, Target
from tests.plans import AAC, FILM

COPY = CopiedSound(index=1, codec="aac")


@pytest.mark.parametrize(
    ("rate", "constant"),
    [
        (25.0, Fraction(25)),
        (29.97, Fraction(30000, 1001)),
        (23.976, Fraction(24000, 1001)),
        (24.0, Fraction(24)),
        (12.5, Fraction(25, 2)),
        (120.0, Fraction(60)),
        (0.2, Fraction(1)),
        (None, Fraction(25)),
    ],
)
def test_even_clocks(rate: float | None, constant: Fraction) -> None:
    """The usual ones are exact, none is above 60, and one frame a second is the least."""
    assert constant_rate(rate) == constant


@given(st.floats(0.001, 1000))
def test_any_rate(rate: float) -> None:
    """Each is near to what was asked for, within bounds."""
    constant = constant_rate(rate)
    assert 1 <= constant <= 60
    assert float(constant) == pytest.approx(min(60, max(1, rate)), rel=0.001)


@pytest.mark.parametrize(
    ("is_variable", "rate", "mean"),
    [
        (True, 11.7, Fraction(117, 10)),
        (True, 29.97, Fraction(2997, 100)),
        (False, 11.7, None),
        (True, None, None),
        (True, 1e-9, None),
    ],
)
def test_frames_that_come_unevenly(is_variable: bool, rate: float | None, mean: Fraction | None) -> None:  # noqa: FBT001
    """Their average, as a fraction that encoders take; nothing of others, nor where nobody knows."""
    assert mean_rate(replace(FILM, is_variable_rate=is_variable, rate=rate)) == mean


@pytest.mark.parametrize("sound", [None, COPY])
@pytest.mark.parametrize("format", Format)
def test_a_size_holds_all_there_is(format: Format, sound: CopiedSound | None) -> None:  # noqa: A002
    """Pictures get what sound and container leave; a little less than the least is refused with the least."""
    film = Film(format, 60.0, 1500, sound)

    def settled(size_bytes: int) -> TargetSize:
        rate = settle_rate(Said(Target(size_bytes), 0, "targetSize"), VideoCodec.H264, FILM, film)
        assert isinstance(rate, TargetSize)
        return rate

    rate = settled(10_000_000)
    pictures, heard = rate.bits_per_second * 60 / 8, (128_000 * 60 / 8 if sound else 0)
    assert 0 < 10_000_000 - pictures - heard < 120_000
    with pytest.raises(OptionError) as caught:
        settled(1000)
    least = int(caught.value.rule.split()[2].replace(",", ""))
    assert settled(least).bits_per_second == pytest.approx(10_000, abs=1)
    with pytest.raises(OptionError):
        settled(least - 1)


def test_what_sound_takes() -> None:
    """A copy what the source says, or a guess; an encode its bitrate, or what FLAC makes of it."""
    assert sound_bps(FILM, None) == 0
    assert sound_bps(FILM, COPY) == 128_000
    assert sound_bps(replace(FILM, sound=replace(AAC, bitrate=None)), COPY) == 128_000
    flac = EncodedSound(index=1, codec=SoundCodec.FLAC, bitrate_bps=None, rate_hz=48_000, channels=2)
    assert sound_bps(FILM, flac) == pytest.approx(1_000_000, rel=0.1)
    assert sound_bps(FILM, replace(flac, codec=SoundCodec.MP3, bitrate_bps=96_000)) == 96_000
