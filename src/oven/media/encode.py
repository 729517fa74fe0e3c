"""Encode profiles: how pictures become H.264, as data."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# libx264's scale for 8 bits; 51 is the worst.
MAX_CRF = 51.0
# About this many steps of CRF halve a file.
CRF_PER_HALVING = 6.0
# The corrective pass aims this far below the limit, for the estimate is rough.
CORRECTION_MARGIN = 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One way to drive libx264; `x264_params` are its own names and values, in order."""

    name: str
    preset: str
    crf: float
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
    crf=31.0,
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


def crf_to_fit(crf: float, size_bytes: int, limit_bytes: int) -> float:
    """Estimate the CRF at which a result that grew to `size_bytes` stays under `limit_bytes`."""
    halvings = math.log2(size_bytes / (limit_bytes * CORRECTION_MARGIN))
    return min(MAX_CRF, round(crf + CRF_PER_HALVING * halvings, 1))
