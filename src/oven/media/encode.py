"""Encode profiles: how pictures become H.264, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

# A result that must fit aims this far below its limit: without lookahead, with a buffer of half a second,
# x264 was seen to pass its bitrate by 3 % over 8 s of noise, and by 6 % over 4 s.
FITTING_MARGIN = 0.9
# No picture is worth making with less.
LEAST_BITRATE_BPS = 10_000
# The quality that is promised, as one number, and how many more of it are one step of x264: six steps halve
# the error, so 100 has a third of the usual one and 0 three times as much.
USUAL_QUALITY = 50
NUMBERS_A_STEP = 5


class Crf(NamedTuple):
    """The same quality throughout, as large as it takes; lower is better, in x264's own steps."""

    value: float


class Qp(NamedTuple):
    """The same step of quantisation throughout, 0 to 51; lower is better."""

    value: int


class Bitrate(NamedTuple):
    """As good as it gets at this many bits a second on average."""

    bits_per_second: int


Quality = Crf | Qp | Bitrate


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One way to drive libx264; `x264_params` are its own names and values, in order.

    `quality` is what it has where nothing else is asked for.
    """

    name: str
    preset: str
    quality: Crf | Qp
    x264_params: Mapping[str, str]

    def params(self, threads: int) -> str:
        """Give the value of `-x264-params`."""
        return ":".join(f"{key}={value}" for key, value in {**self.x264_params, "threads": threads}.items())


# Nearest-neighbour upscales are flat squares that stay, or move by whole pixels: there is nothing for
# sub-pixel motion search, deblocking, B-frames, macroblock trees, adaptive quantisation or lookahead to
# find, and x264's defaults spend most of their time and memory there.  Motion is searched for far (umh):
# text and tiles jump by many pixels, and what is nearly alike is of no use.  A fixed quantiser needs no
# estimate of what a picture will take, and codes once what stays: one that wanders refines it again and
# again.  Squares do not lie on blocks of 8, so what is new is told in blocks of 4; players are promised
# High, which is named for its transform of 8.  Colour takes most of the bytes, and has coarser steps.
PIXEL = Profile(
    name="pixel",
    preset="ultrafast",
    quality=Qp(19),
    x264_params=MappingProxyType(
        {
            "cabac": "1",
            "8x8dct": "1",
            "analyse": "i4x4,p8x8",
            "ref": "1",
            "subme": "0",
            "me": "umh",
            "me-range": "16",
            "trellis": "1",
            "chroma-qp-offset": "2",
            "no-deblock": "1",
            "mbtree": "0",
            "aq-mode": "0",
            "bframes": "0",
            "weightp": "0",
            "scenecut": "0",
            "rc-lookahead": "0",
            "sync-lookahead": "0",
        }
    ),
)
# Continuous tones, whose every pixel is another: here blocks of 8, soft edges, motion between pixels
# and a quantiser that follows what a picture takes pay for themselves.  B-frames would save a few percent
# more, but hold more pictures than a small machine has room for.
PHOTO = Profile(
    name="photo",
    preset="ultrafast",
    quality=Crf(24.5),
    x264_params=MappingProxyType(
        {
            "cabac": "1",
            "8x8dct": "1",
            "analyse": "i8x8,i4x4,p8x8",
            "ref": "1",
            "subme": "1",
            "me": "hex",
            "no-deblock": "0",
            "mbtree": "0",
            "chroma-qp-offset": "-2",
            "aq-mode": "1",
            "aq-strength": "0.5",
            "qcomp": "0.8",
            "bframes": "0",
            "weightp": "0",
            "scenecut": "0",
            "rc-lookahead": "0",
            "sync-lookahead": "0",
        }
    ),
)


def at_quality(profile: Profile, number: int) -> Crf | Qp:
    """Give a profile's quality by one number, 0 to 100: 50 is its own, 5 more are a step of x264 finer."""
    steps = (USUAL_QUALITY - number) / NUMBERS_A_STEP
    match profile.quality:
        case Crf(value):
            return Crf(value + steps)
        case Qp(value):
            return Qp(value + round(steps))


def bitrate_to_fit(limit_bytes: int, duration_s: float, sound_bps: int) -> Bitrate:
    """Give the picture's bitrate at which a file stays under a limit, sound included."""
    whole_bps = limit_bytes * 8 * FITTING_MARGIN / duration_s
    return Bitrate(max(LEAST_BITRATE_BPS, round(whole_bps - sound_bps)))
