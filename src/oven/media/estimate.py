"""What an export will take, guessed before anything is decoded: from what films of its kind took.

Films differ by ten times in the bits that they need at one quality; who needs to know encodes a piece.
"""

import math
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from oven.media.edit import (
    CappedCrf,
    CopiedSound,
    CopiedVideo,
    Edit,
    EncodedSound,
    EncodedVideo,
    TargetSize,
)
from oven.media.encode import Bitrate, Crf
from oven.media.operations import Preset, StillFormat, VideoCodec
from oven.media.source import Source

# At a better quality than it came in a film may take that many times its bits.
GROWTH = 1.5


class Estimate(NamedTuple):
    """A guess: bytes of all that is made, and seconds of ffmpeg on as many processors as it may use."""

    size_bytes: int
    seconds: float


class Need(NamedTuple):
    """Bits a pixel that films took on average at one CRF, and by how much CRF that halves."""

    crf: float
    bits_a_pixel: float
    halved_by: float


# Measured on ffmpeg 5.1 and an EPYC of 2026, nanoseconds of one processor for a pixel of a moving fractal at
# 640×360, by preset from ultrafast to slow; drawn for noise and stills they differ by twice either way.
NANOSECONDS_A_PIXEL = MappingProxyType(
    {
        VideoCodec.H264: (8, 13, 17, 31, 48, 55, 78),
        VideoCodec.H265: (26, 39, 53, 53, 72, 81, 193),
        VideoCodec.VP9: (24, 25, 28, 119, 130, 234, 388),
        VideoCodec.AV1: (51, 81, 113, 129, 241, 308, 500),
    }
)
# A fractal took so many at the first number, a drawing half of it, noise thrice.
NEEDS = MappingProxyType(
    {
        VideoCodec.H264: Need(23, 0.24, 5),
        VideoCodec.H265: Need(28, 0.15, 5),
        VideoCodec.VP9: Need(33, 0.39, 10),
        VideoCodec.AV1: Need(35, 0.26, 10),
    }
)
# Decoding, and filters: converting, scaling, tagging.
DECODED_NANOSECONDS_A_PIXEL = 12
FILTERED_NANOSECONDS_A_PIXEL = 6
DEEP_COST = 1.6
USUAL_DEPTH = 8
# Copied from disk to disk.
BYTES_A_SECOND = 200_000_000
START_S = 0.2
# A still that is looked for by itself: from the key frame before it, some seconds of film.
SOUGHT_FRAMES = 60
STILL_BITS_A_PIXEL = MappingProxyType({StillFormat.JPEG: 2.0, StillFormat.PNG: 12.0, StillFormat.WEBP: 1.5})
# A packet of pictures, and one of sound, in a container.
OVERHEAD_BYTES_A_FRAME = 12
OVERHEAD_BYTES_A_SOUNDS_SECOND = 250
# Of sound that nobody knows; of FLAC, of 16 bits a sample.
USUAL_SOUND_BPS = 128_000
FLAC_BITS_A_SAMPLE = 11


def estimate(edit: Edit, source: Source, *, threads: int) -> Estimate:
    """Guess what an edit of a source will take; a second pass towards a size is not foreseen.

    Args:
        edit: what is to be made.
        source: what it is made of.
        threads: how many processors it may use.

    """
    return Estimate(_film_bytes(edit, source) + _stills_bytes(edit), _seconds(edit, source, threads))


def _film_bytes(edit: Edit, source: Source) -> int:
    sound_bytes = _sound_bps(edit, source) * edit.duration_s / 8
    sound_bytes += OVERHEAD_BYTES_A_SOUNDS_SECOND * edit.duration_s if edit.sound else 0
    other_bytes = OVERHEAD_BYTES_A_FRAME * edit.frames + sound_bytes
    match edit.video:
        case None:
            return 0
        case CopiedVideo():
            # Never more than there is; all of it but what is cut off, where its rate is not known.
            share = min(1.0, edit.duration_s / source.duration_s) if source.duration_s else 1.0
            most_bytes = source.size_bytes * share
            copied_bytes = (source.bitrate or 0) * edit.duration_s / 8
            return round(min(most_bytes, copied_bytes + other_bytes) if copied_bytes else most_bytes)
        case EncodedVideo():
            return _encoded_bytes(edit.video, edit, source, other_bytes)


def _encoded_bytes(video: EncodedVideo, edit: Edit, source: Source, other_bytes: float) -> int:
    match video.rate:
        case TargetSize(target_bytes, _):
            return target_bytes
        case Bitrate(bps):
            return round(bps * edit.duration_s / 8 + other_bytes)
        case CappedCrf(value, peak_bps, _):
            most_bytes = round(peak_bps * edit.duration_s / 8 + other_bytes)
            uncapped = replace(video, rate=Crf(value))
            return min(most_bytes, _encoded_bytes(uncapped, edit, source, other_bytes))
        case Crf(value):
            need = NEEDS[video.codec]
            bits_a_pixel = need.bits_a_pixel * 2 ** ((need.crf - value) / need.halved_by)
            usual_bytes = bits_a_pixel * video.size.pixels * edit.frames / 8
            # Simple pictures were told in few bits before, and will be so again.
            share = min(1.0, video.size.pixels / edit.upright.pixels)
            simple_bytes = GROWTH * share * (source.bitrate or math.inf) * edit.duration_s / 8
            return round(min(usual_bytes, simple_bytes) + other_bytes)


def _sound_bps(edit: Edit, source: Source) -> float:
    match edit.sound:
        case None:
            return 0
        case CopiedSound():
            return (source.sound and source.sound.bitrate) or USUAL_SOUND_BPS
        case EncodedSound(bitrate_bps=bps, rate_hz=rate_hz, channels=channels):
            return bps or FLAC_BITS_A_SAMPLE * rate_hz * channels


def _stills_bytes(edit: Edit) -> int:
    film = edit.video.size if isinstance(edit.video, EncodedVideo) else edit.upright
    return sum(
        round(STILL_BITS_A_PIXEL[still.format] * (still.size or film).pixels / 8) for still in edit.stills
    )


def _seconds(edit: Edit, source: Source, threads: int) -> float:
    video = edit.video
    if not isinstance(video, EncodedVideo):
        decoded = SOUGHT_FRAMES * len(edit.stills)
        copied_s = _film_bytes(edit, source) / BYTES_A_SECOND
        return START_S + copied_s + _of(DECODED_NANOSECONDS_A_PIXEL, source.size.pixels * decoded, threads)
    place = list(Preset).index(video.preset)
    encoded = NANOSECONDS_A_PIXEL[video.codec][place] * (DEEP_COST if video.depth > USUAL_DEPTH else 1)
    return (
        START_S
        + _of(DECODED_NANOSECONDS_A_PIXEL, source.size.pixels * edit.frames, threads)
        + _of(FILTERED_NANOSECONDS_A_PIXEL + encoded, video.size.pixels * edit.frames, threads)
    )


def _of(nanoseconds: float, pixels: int, threads: int) -> float:
    return nanoseconds * pixels / 1e9 / threads
