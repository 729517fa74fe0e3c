"""A picture of any shape on a canvas of another one: the sums, and ffmpeg's words for them."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from oven.media.geometry import Size
from oven.media.strategies.strategy import Blur, Placing, Strategy

SCALER = "flags=bicubic+accurate_rnd+full_chroma_int"
# Of what is out of focus nobody sees how it was scaled.
ROUGH_SCALER = "flags=bilinear"
PIXELS = "yuv420p"
# Samples of colour stand for so many pixels at most, either way: a crop that begins between two of them would
# move the colours.
ALIGNED = 4
# In samples of the range tv: black, and no colour.
BLACK, GREY = 16, 128


class Canvas(NamedTuple):
    """What a picture is to stand on, and what is known of the picture.

    Args:
        strategy: how it comes to stand there.
        coded: its size upright, in its own pixels.
        shown: its size upright, in square pixels.
        size: of the canvas, even on both sides.

    """

    strategy: Strategy
    coded: Size
    shown: Size
    size: Size


class Side(NamedTuple):
    """One side, across or down: what is taken of the picture, how long it becomes, what is cut from that.

    Args:
        begin: of what is taken, in pixels of the picture.
        length: of what is taken, in pixels of the picture.
        scaled: how many pixels of the canvas that becomes.
        cut: how many of them are cut off before the canvas begins.

    """

    begin: int
    length: int
    scaled: int
    cut: int


def canvas_filters(canvas: Canvas, *, matrix: str, label: str = "c") -> str:
    """Write the filters that bring pictures onto a canvas, to stand in a chain: upright ones go in.

    Out come those of the canvas, of 8 bits in 4:2:0, range tv.

    Args:
        canvas: what they are to stand on.
        matrix: of their colours, which stays; swscale's name.
        label: what names inside begin with; of its own for each canvas in a graph.

    """
    match canvas.strategy.placing:
        case Placing.COVER:
            return ",".join(_covering(canvas, matrix, SCALER))
        case Placing.CONTAIN:
            return _containing(canvas, matrix, label)


def covering(coded: int, factor: float, wanted: int) -> Side:
    """Take the middle of a side.

    Args:
        coded: how long it is.
        factor: how many pixels of the canvas one of it becomes.
        wanted: how long it is on the canvas; not more than all of it becomes, but for rounding.

    >>> covering(1920, 1920 / 1080, 1080)
    Side(begin=656, length=608, scaled=1080, cut=0)
    """
    needed = wanted / factor
    before = max(0.0, (coded - needed) / 2)
    begin = math.floor(before / ALIGNED) * ALIGNED
    length = math.ceil((before + needed - begin) / ALIGNED) * ALIGNED
    if begin + length > coded:
        begin, length = 0, coded
    scaled = max(wanted, _even(length * factor))
    # Where the crop could not begin at the very pixel, the rest is cut from what is scaled, which is finer.
    cut = _even((coded / 2 - begin) * factor - wanted / 2)
    return Side(begin, length, scaled, min(max(0, cut), scaled - wanted))


def contained(shown: Size, within: Size) -> Size:
    """Give the largest size of the same shape, even on both sides, that a canvas holds.

    >>> contained(Size(1920, 1080), Size(1080, 1920))
    Size(width=1080, height=608)
    """
    factor = min(within.width / shown.width, within.height / shown.height)
    width, height = (
        max(2, min(most, _even(side * factor))) for side, most in zip(shown, within, strict=True)
    )
    return Size(width, height)


def _covering(canvas: Canvas, matrix: str, scaler: str) -> Iterator[str]:
    """Crop, then scale: what is not seen is not scaled either."""
    coded, shown, size = canvas.coded, canvas.shown, canvas.size
    factor = max(size.width / shown.width, size.height / shown.height)
    across = covering(coded.width, factor * shown.width / coded.width, size.width)
    down = covering(coded.height, factor * shown.height / coded.height, size.height)
    if (across.length, down.length) != coded:
        # Where the source changes its size within, a crop would take what is no longer there.
        yield f"scale={coded.width}:{coded.height}"
        yield f"crop={across.length}:{down.length}:{across.begin}:{down.begin}:exact=1"
    scaled = Size(across.scaled, down.scaled)
    yield from _scaling(scaled, matrix, scaler)
    if scaled != size:
        yield f"crop={size.width}:{size.height}:{across.cut}:{down.cut}"


def _containing(canvas: Canvas, matrix: str, label: str) -> str:
    inside = contained(canvas.shown, canvas.size)
    scaling = ",".join(_scaling(inside, matrix, SCALER))
    if inside == canvas.size:
        return scaling
    # Even, or the colours would not stand where the picture does.
    x, y = ((most - side) // 4 * 2 for side, most in zip(inside, canvas.size, strict=True))
    behind = canvas.strategy.behind
    if behind is None:
        return f"{scaling},pad={canvas.size.width}:{canvas.size.height}:{x}:{y}:black"
    background = ",".join(_background(canvas, behind, matrix))
    return (
        f"split[{label}0][{label}1];[{label}0]{background}[{label}2];[{label}1]{scaling}[{label}3];"
        f"[{label}2][{label}3]overlay={x}:{y}:format=yuv420"
    )


def _background(canvas: Canvas, blur: Blur, matrix: str) -> Iterator[str]:
    width, height = (max(2, _even(side / blur.shrink)) for side in canvas.size)
    yield from _covering(canvas._replace(size=Size(width, height)), matrix, ROUGH_SCALER)
    # Three boxes are a bell.
    yield f"boxblur={_bounded(blur.radius_px, width, height)}:3"
    dimmed = "{name}='(val-{zero})*{by:g}+{zero}'"
    yield "lutyuv=" + ":".join(
        dimmed.format(name=name, zero=zero, by=blur.brightness)
        for name, zero in (("y", BLACK), ("u", GREY), ("v", GREY))
    )
    yield f"scale={canvas.size.width}:{canvas.size.height}:{SCALER}"


def _bounded(radius: int, width: int, height: int) -> int:
    """Keep a radius such as boxblur takes: colours have half of the pixels."""
    return max(0, min(radius, (min(width, height) // 2 - 1) // 2))


def _scaling(size: Size, matrix: str, scaler: str) -> tuple[str, str]:
    matrices = f"in_color_matrix={matrix}:out_color_matrix={matrix}"
    return f"scale={size.width}:{size.height}:{matrices}:out_range=tv:{scaler}", f"format={PIXELS}"


def _even(value: float) -> int:
    return 2 * round(value / 2)
