"""What samples of pictures mean: their colours and their depth."""

import re

from oven.media.edit import Colors
from oven.media.source import Source

# What 4:2:0 can be in, by the names of ffprobe, and every encoder can say.
SPACES = {"bt709", "smpte170m", "bt470bg", "smpte240m", "fcc", "bt2020nc"}
PRIMARIES = {
    *("bt709", "bt470m", "bt470bg", "smpte170m", "smpte240m", "film", "bt2020"),
    *("smpte428", "smpte431", "smpte432"),
}
TRANSFERS = {
    *("bt709", "bt470m", "bt470bg", "smpte170m", "smpte240m", "linear", "iec61966-2-1", "bt2020-10"),
    *("bt2020-12", "smpte2084", "arib-std-b67"),
}
# From so many lines on pictures that do not tell are of high definition.
HD_LINES = 720
HDR_TRANSFERS = {"hlg": "arib-std-b67"}
PQ = "smpte2084"
DEEP_BITS, USUAL_BITS = 10, 8
# The bits a sample in ffmpeg's names of pixel formats, such as yuv420p10le.
BITS = re.compile(r"(9|10|12|14|16)(?:le|be)$")


def assumed_colors(source: Source) -> Colors:
    """Give what samples of the source mean: what it says, and where it does not, what they are taken for."""
    if source.hdr:
        guess = Colors("bt2020nc", "bt2020", HDR_TRANSFERS.get(source.hdr, PQ))
    elif source.shown_size.height >= HD_LINES:
        guess = Colors("bt709", "bt709", "bt709")
    else:
        guess = Colors("smpte170m", "smpte170m", "smpte170m")
    said = source.colors
    return Colors(
        space=said.space if said.space in SPACES else guess.space,
        primaries=said.primaries if said.primaries in PRIMARIES else guess.primaries,
        transfer=said.transfer if said.transfer in TRANSFERS else guess.transfer,
        range=said.range,
    )


def bits_of(pixel_format: str) -> int:
    """Tell how many bits a sample has, by ffmpeg's name of the pixel format.

    >>> bits_of("yuv420p10le")
    10
    """
    found = BITS.search(pixel_format)
    return int(found[1]) if found else USUAL_BITS
