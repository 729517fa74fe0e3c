"""How many bits an encode takes, and how many frames a second where it has to say."""

import math
from fractions import Fraction
from typing import NamedTuple

from oven.media.edit import CopiedSound, EncodedSound, Rate, TargetSize
from oven.media.encode import Bitrate, Crf
from oven.media.formats import (
    MAX_BITRATE_BPS,
    MIN_BITRATE_BPS,
    OVERHEADS,
    QUALITIES,
    SOUND_PACKETS_A_SECOND,
)
from oven.media.operations import Format, QualityWord, SoundCodec, VideoCodec
from oven.media.source import Source
from oven.media.wish import RateWish, Said, Target

# What AVI's clock is set to: these, exact, and none above the last.
USUAL_RATES = tuple(
    Fraction(*rate)
    for rate in ((24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (50, 1), (60000, 1001), (60, 1))
)
# Where frames come unevenly, some come faster than on average.
GAPPY_RATE = Fraction(30)
# At fewer frames a second one of them more or less is seen.
SPARSE_RATE = 10
SAME_RATE = Fraction(1, 2000)
MAX_DENOMINATOR = 1001
# Of sound that does not tell, a channel.
GUESSED_SOUND_BPS = 64_000
# FLAC keeps about two bits in three of what CDs have.
LOSSLESS_BITS_A_SAMPLE = 11


class Film(NamedTuple):
    """What surrounds encoded pictures: how long, how many frames, in what, with what sound."""

    format: Format
    duration_s: float
    frames: int
    sound: CopiedSound | EncodedSound | None


def settle_rate(wished: Said[RateWish] | None, codec: VideoCodec, source: Source, film: Film) -> Rate:
    """Tell how many bits pictures get.

    Raises:
        OptionError: of a number that the codec does not take, or a size that cannot be reached.

    """
    qualities = QUALITIES[codec]
    if wished is None:
        return Crf(qualities.usual)
    match wished.value:
        case Crf(value) as crf:
            is_number = 0 <= value <= qualities.worst and (not qualities.is_whole or value == int(value))
            if not is_number:
                kind = "a whole number, " if qualities.is_whole else ""
                raise wished.refused(f"must be {kind}0 to {qualities.worst} for {codec}")
            return crf
        case Bitrate(bps) as bitrate:
            if not MIN_BITRATE_BPS <= bps <= MAX_BITRATE_BPS:
                raise wished.refused("must be 10k to 200M bits a second")
            return bitrate
        case Target(size_bytes):
            return _target(wished, size_bytes, source, film)
        case QualityWord() as word:
            return Crf(qualities.words[word])


def constant_rate(rate: float | None) -> Fraction:
    """Give the nearest rate that a container of one rate can have: a usual one, exact, else a simple one."""
    if not rate or rate >= USUAL_RATES[-1]:
        return USUAL_RATES[-1] if rate else Fraction(25)
    near = min(USUAL_RATES, key=lambda usual: abs(usual - Fraction(rate)))
    if abs(near - Fraction(rate)) <= near * SAME_RATE:
        return near
    return max(Fraction(1), Fraction(rate).limit_denominator(MAX_DENOMINATOR))


def even_rate(source: Source, format: Format, *, is_exact: bool) -> Fraction | None:  # noqa: A002
    """Give the rate of frames that have to follow one another evenly; None where they keep their times.

    They have to in AVI, and where a film is cut at the very frame that has few of them, or long gaps: what is
    shown at the start began before.
    """
    is_sparse = source.is_variable_rate or (source.rate or SPARSE_RATE) < SPARSE_RATE
    if format is not Format.AVI and not (is_exact and is_sparse):
        return None
    rate = constant_rate(source.rate)
    return max(rate, GAPPY_RATE) if source.is_variable_rate and is_exact else rate


def mean_rate(source: Source) -> Fraction | None:
    """Give the rate of frames that do not follow one another evenly; None where they do, or nobody knows."""
    if not source.is_variable_rate or not source.rate:
        return None
    return Fraction(source.rate).limit_denominator(MAX_DENOMINATOR) or None


def sound_bps(source: Source, sound: CopiedSound | EncodedSound | None) -> int:
    """Give how many bits a second the sound takes, about."""
    match sound:
        case None:
            return 0
        case CopiedSound():
            track = source.sound
            return (track.bitrate or GUESSED_SOUND_BPS * track.channels) if track else 0
        case EncodedSound():
            lossless = sound.rate_hz * sound.channels * LOSSLESS_BITS_A_SAMPLE
            return lossless if sound.codec is SoundCodec.FLAC else sound.bitrate_bps or 0


def _target(wished: Said[RateWish], size_bytes: int, source: Source, film: Film) -> TargetSize:
    overhead = OVERHEADS[film.format]
    other_bytes = overhead.file + film.frames * overhead.video_packet
    if film.sound:
        other_bytes += math.ceil(film.duration_s * SOUND_PACKETS_A_SECOND) * overhead.sound_packet
        other_bytes += math.ceil(film.duration_s * sound_bps(source, film.sound) / 8)
    least_bytes = other_bytes + math.ceil(film.duration_s * MIN_BITRATE_BPS / 8)
    if size_bytes < least_bytes:
        beside = " with its sound" if film.sound else ""
        raise wished.refused(f"must be {least_bytes:,} bytes at least for {film.duration_s:.4g} s{beside}")
    bits_per_second = int((size_bytes - other_bytes) * 8 / film.duration_s)
    return TargetSize(size_bytes, max(MIN_BITRATE_BPS, min(MAX_BITRATE_BPS, bits_per_second)))
