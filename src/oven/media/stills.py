"""Pictures of a video: its first, and those of moments that were asked for, from one decode."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oven.domain.errors import BadInputError, Code
from oven.media.argv import QUIET, reading
from oven.media.memory import decode_memory_bytes
from oven.media.source import Source

# In pixels: as wide as lists show them.
WIDTH = 320
# Beyond this shape a picture of a whole frame would be a line.
MAX_HEIGHT = 1_280
# As JPEG's quality goes in ffmpeg, 2 to 31: the best.
QUALITY = "2"
# A frame that begins a moment later than asked for is the one that is meant: times are rounded by who asks.
TOLERANCE_S = 0.001
# 8192×4320, which is what decoders of this age are made for.
MAX_PIXELS = 35_389_440
# As many as a filmstrip has.
MAX_TIMES = 20
INPUT = "in/source"
# To the width of lists, in square pixels; in JPEG's own colours (JFIF): BT.601's matrix, and of full range.
SCALING = (
    f"scale=w={WIDTH}:h='clip(trunc({WIDTH}/dar+0.5),1,{MAX_HEIGHT})':out_range=full:out_color_matrix=bt601,"
    "setsar=1,format=yuvj420p"
)
# One frame and no more: what comes after the last that is written would still be scaled.
FIRST = "isnan(prev_selected_t)"
THREADS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """How pictures are taken: ffmpeg's arguments over the file `input`, and the files they may make.

    Of a moment after the end there is none.
    """

    input: str
    arguments: tuple[str, ...]
    outputs: tuple[str, ...]
    memory_bytes: int


def still_files(times: int) -> tuple[str, ...]:
    """Name the picture of the first frame, and those of so many moments."""
    return ("thumbnail.jpg", *(f"thumbnail-{number}.jpg" for number in range(1, times + 1)))


def take_first(source: Source) -> Taking:
    """Take a picture of the first frame, as displayed.

    Raises:
        BadInputError: MEDIA_TOO_LARGE.

    """
    return _take(source, {still_files(0)[0]: FIRST})


def take_moments(source: Source, times_s: Sequence[float]) -> Taking:
    """Take a picture of each moment, as displayed.

    The frames are decoded once, up to the last moment; only those that are wanted are scaled.

    Raises:
        BadInputError: MEDIA_TOO_LARGE.

    """
    files = still_files(len(times_s))[1:]
    moments = zip(files, times_s, strict=True)
    return _take(source, {file: f"{FIRST}*gte(t,{max(0.0, at - TOLERANCE_S):.6f})" for file, at in moments})


def _take(source: Source, wanted: Mapping[str, str]) -> Taking:
    """Take pictures, given as what selects each by its file.

    Raises:
        BadInputError: MEDIA_TOO_LARGE.

    """
    if source.size.pixels > MAX_PIXELS:
        raise BadInputError(
            Code.MEDIA_TOO_LARGE,
            f"the video is {source.size}, {source.size.pixels:,} pixels; at most {MAX_PIXELS:,} are possible",
        )
    outputs = tuple(wanted)
    split = f"[0:{source.video_index}]split={len(outputs)}" + "".join(f"[i{n}]" for n in range(len(outputs)))
    chains = [f"[i{n}]select='{which}',{SCALING}[o{n}]" for n, which in enumerate(wanted.values())]
    writing = [
        word
        for number, file in enumerate(outputs)
        for word in (
            # Each encoder would else have threads for all processors, and their stacks pass the bound.
            *("-map", f"[o{number}]", "-frames:v", "1", "-fps_mode", "passthrough", "-threads", "1"),
            *("-q:v", QUALITY, "-f", "image2", "-update", "1", file),
        )
    ]
    arguments = (
        *QUIET,
        *("-nostdin", "-y", "-threads", str(THREADS)),
        *reading(source.demuxer),
        *("-i", INPUT),
        *("-filter_complex_threads", "1", "-filter_complex", ";".join((split, *chains))),
        *writing,
    )
    return Taking(
        input=INPUT,
        arguments=arguments,
        outputs=outputs,
        memory_bytes=decode_memory_bytes(source.size, THREADS, len(outputs)),
    )
