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


class Crf(NamedTuple):
    """The same quality throughout, as large as it takes; lower is better, in x264's own steps."""

    value: float


class Bitrate(NamedTuple):
    """As good as it gets at this many bits a second on average."""

    bits_per_second: int


Quality = Crf | Bitrate


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One way to drive libx264; `x264_params` are its own names and values, in order."""

    name: str
    preset: str
    quality: Crf
    x264_params: Mapping[str, str]

    def params(self, threads: int) -> str:
        """Give the value of `-x264-params`."""
        return ":".join(f"{key}={value}" for key, value in {**self.x264_params, "threads": threads}.items())


# Nearest-neighbour upscales are flat squares that move by whole pixels: there is nothing for sub-pixel
# motion search, deblocking, B-frames, macroblock trees, adaptive quantisation or lookahead to find, and
# x264's defaults spend most of their time and memory there.  Without deblocking the edges stay sharp, so
# a high CRF is still closer to the source than a usual preset at 23.
PIXEL = Profile(
    name="pixel",
    preset="ultrafast",
    quality=Crf(31),
    x264_params=MappingProxyType(
        {
            "cabac": "1",
            "8x8dct": "1",
            "analyse": "i8x8,i4x4",
            "ref": "2",
            "subme": "0",
            "me": "dia",
            "no-deblock": "1",
            "mbtree": "0",
            "aq-mode": "0",
            "bframes": "0",
            "weightp": "0",
            "scenecut": "0",
            "rc-lookahead": "0",
            "sync-lookahead": "0",
            "keyint": "600",
        }
    ),
)


def bitrate_to_fit(limit_bytes: int, duration_s: float, sound_bps: int) -> Bitrate:
    """Give the picture's bitrate at which a file stays under a limit, sound included."""
    whole_bps = limit_bytes * 8 * FITTING_MARGIN / duration_s
    return Bitrate(max(LEAST_BITRATE_BPS, round(whole_bps - sound_bps)))
