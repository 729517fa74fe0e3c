"""Pictures of any shape on a canvas of another: the sums, and where real pixels come to stand."""

import subprocess

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from oven.media.canvas import ALIGNED, Canvas, Side, canvas_filters, contained, covering
from oven.media.geometry import MAX_SIDE, Size
from oven.media.strategies import STRATEGIES, Strategy, StrategyName

SHORT = Size(1080, 1920)
CROP, LETTERBOX, BLUR = (STRATEGIES[name] for name in StrategyName)
SIDES = st.integers(1, MAX_SIDE)
# Of bars in the source: luma and one colour, dark and light.
DARK, LIGHT = (60, 90), (180, 170)
# Sources by how they are coded, and as what they are shown where that differs.
SHAPES = [
    (Size(320, 180), None),
    (Size(320, 240), None),
    (Size(240, 240), None),
    (Size(180, 320), None),
    (Size(180, 400), None),
    (Size(180, 144), Size(256, 144)),
    (Size(321, 241), None),
    (Size(242, 137), None),
    (Size(16, 16), None),
    (Size(2304, 1296), None),
    (Size(400, 24), None),
    (Size(24, 400), None),
]


@pytest.mark.parametrize(
    ("coded", "factor", "wanted", "side"),
    [
        # 1920×1080: 607.5 of 1920 are seen.
        (1920, 1920 / 1080, 1080, Side(656, 608, 1080, 0)),
        (1080, 1920 / 1080, 1920, Side(0, 1080, 1920, 0)),
        # 1922 across: the middle does not begin at a fourth pixel, so the rest is cut when it is finer.
        (1922, 1920 / 1080, 1080, Side(656, 612, 1088, 2)),
        # 3840×2160, 4:3, and a square.
        (3840, 1920 / 2160, 1080, Side(1312, 1216, 1080, 0)),
        (1440, 1920 / 1080, 1080, Side(416, 608, 1080, 0)),
        (16, 120.0, 1080, Side(0, 16, 1920, 420)),
        # An odd side is taken whole where the aligned part of it would be too short.
        (641, 1080 / 640, 1080, Side(0, 641, 1082, 0)),
        # As many pixels as the canvas has.
        (1080, 1.0, 1080, Side(0, 1080, 1080, 0)),
        # 720 pixels of 16:11, 576 high.
        (720, 1920 / 576 * 1047 / 720, 1080, Side(248, 224, 1086, 2)),
    ],
)
def test_what_is_taken(coded: int, factor: float, wanted: int, side: Side) -> None:
    """The middle, from where a fourth pixel begins; and what that is too much is cut from the scaled."""
    assert covering(coded, factor, wanted) == side


@given(coded=SIDES, seen=st.floats(0.001, 1.0), wanted=st.integers(8, 1920))
def test_a_side_is_centred_and_not_distorted(coded: int, seen: float, wanted: int) -> None:
    """Whatever is seen of whatever side: aligned, within a pixel of the middle, and of its own shape."""
    wanted -= wanted % 2
    factor = wanted / (coded * seen)
    begin, length, scaled, cut = covering(coded, factor, wanted)
    assert 0 <= begin <= begin + length <= coded
    assert begin % ALIGNED == 0
    assert length % ALIGNED == 0 or length == coded
    assert scaled % 2 == cut % 2 == 0
    assert cut + wanted <= scaled
    # No more than the rounding to a whole sample of colour, or, of a canvas finer than that, to nothing.
    assert abs(scaled - length * factor) <= 2
    middle = (coded / 2 - begin) * scaled / length - cut
    assert abs(middle - wanted / 2) <= 2


@pytest.mark.parametrize(
    ("shown", "inside"),
    [
        (Size(1920, 1080), Size(1080, 608)),
        (Size(1440, 1080), Size(1080, 810)),
        (Size(1000, 1000), Size(1080, 1080)),
        (Size(1080, 1920), SHORT),
        (Size(9, 20), Size(864, 1920)),
        (Size(4000, 20), Size(1080, 6)),
        (Size(16_384, 1), Size(1080, 2)),
        (Size(1, 16_384), Size(2, 1920)),
        (Size(1079, 1919), SHORT),
    ],
)
def test_what_is_contained(shown: Size, inside: Size) -> None:
    """As large as it can be, its shape kept, even on both sides."""
    assert contained(shown, SHORT) == inside


def test_a_film_of_the_canvas_own_shape_has_no_background() -> None:
    """It is scaled alone, whatever the strategy; and not cropped."""
    own = Size(720, 1280)
    texts = {canvas_filters(Canvas(strategy, own, own, SHORT), matrix="bt709") for strategy in (CROP, BLUR)}
    (text,) = texts
    assert text.startswith("scale=1080:1920:")
    assert "crop" not in text


def test_a_crop_comes_first() -> None:
    """What is not seen is not scaled; and it takes what it was told of a source that may become another."""
    text = canvas_filters(Canvas(CROP, Size(1920, 1080), Size(1920, 1080), SHORT), matrix="bt709")
    assert [part.partition(":")[0] for part in text.split(",")] == [
        "scale=1920",
        "crop=608",
        "scale=1080",
        "format=yuv420p",
    ]


def test_names_inside_are_the_canvas_own() -> None:
    """So that two may stand in one graph."""
    wide = Size(1920, 1080)
    text = canvas_filters(Canvas(BLUR, wide, wide, SHORT), matrix="bt709", label="q")
    assert text.startswith("split[q0][q1];[q0]")
    assert "[c" not in text


def framed(size: Size, across: list[int], down: list[int]) -> bytes:
    """Make a frame of checks, in yuv420p, that change where they are told to."""

    def plane(width: int, height: int, tones: tuple[int, int], finer: int) -> NDArray[np.uint8]:
        column = sum((np.arange(width) >= edge / finer for edge in across), np.zeros(width, int))
        row = sum((np.arange(height) >= edge / finer for edge in down), np.zeros(height, int))
        return np.where((row[:, None] + column) % 2, tones[1], tones[0]).astype(np.uint8)

    luma = plane(*size, (DARK[0], LIGHT[0]), 1)
    color = plane((size.width + 1) // 2, (size.height + 1) // 2, (DARK[1], LIGHT[1]), 2)
    return luma.tobytes() + color.tobytes() + np.full(color.shape, 128, np.uint8).tobytes()


def shown(
    canvas: Canvas, frame: bytes, pixels: str = "yuv420p"
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Bring a frame onto a canvas → luma, and the first colour."""
    raw = ("-f", "rawvideo", "-pix_fmt")
    size = f"{canvas.coded.width}x{canvas.coded.height}"
    filters = canvas_filters(canvas, matrix="bt709")
    line = [
        "ffmpeg",
        "-v",
        "error",
        *raw,
        pixels,
        "-s",
        size,
        "-i",
        "-",
        "-filter_complex",
        filters,
        *raw,
        "yuv420p",
        "-",
    ]
    made = subprocess.run(line, input=frame, capture_output=True, check=True)
    assert made.stderr == b""
    samples = np.frombuffer(made.stdout, np.uint8)
    width, height = canvas.size
    many = width * height
    assert samples.size == many * 3 // 2
    luma = samples[:many].reshape(height, width)
    return luma, samples[many : many * 5 // 4].reshape(height // 2, width // 2)


def edges_of(line: NDArray[np.uint8], tones: tuple[int, int]) -> list[float]:
    """Tell where a line of samples goes from one tone to the other, between the samples."""
    above = line.astype(float) - sum(tones) / 2
    at = np.flatnonzero((above[:-1] < 0) != (above[1:] < 0))
    return [float(i + 0.5 + above[i] / (above[i] - above[i + 1])) for i in at]


def test_edges_are_found() -> None:
    """Where a line changes its tone is told to a part of a sample."""
    assert edges_of(np.array([60, 60, 120, 180, 180], np.uint8), (60, 180)) == pytest.approx([2.5])


@pytest.mark.parametrize(
    ("strategy", "coded", "displayed"),
    [
        *((each, *shape) for each in (CROP, LETTERBOX) for shape in SHAPES),
        *((BLUR, *each) for each in SHAPES[:2]),
    ],
    ids=str,
)
def test_where_pictures_stand(strategy: Strategy, coded: Size, displayed: Size | None) -> None:
    """Edges of the source stand where they have to, in luma and in colour, to a pixel or so of the canvas."""
    displayed = displayed or coded
    sides = [displayed[at] / SHORT[at] for at in (0, 1)]
    scale = 1 / (min(sides) if strategy is CROP else max(sides))
    factors = [scale * displayed[at] / coded[at] for at in (0, 1)]
    edges = [[2 * round(side * part / 2) for part in (0.375, 0.5, 0.625)] for side in coded]
    luma, color = shown(Canvas(strategy, coded, displayed, SHORT), framed(coded, *edges))
    for at in (0, 1):
        wanted = [SHORT[at] / 2 + (edge - coded[at] / 2) * factors[at] for edge in edges[at]]
        inner = [edge for edge in wanted if 8 < edge < SHORT[at] - 8]
        # A line between two edges of the other side.
        beside = SHORT[1 - at] / 2 + (edges[1 - at][1] - coded[1 - at] / 2 + 1) * factors[1 - at]
        for plane, tone, finer in ((luma, 0, 1), (color, 1, 2)):
            line = plane[:, int(beside) // finer] if at else plane[int(beside) // finer]
            seen = [finer * edge for edge in edges_of(line, (DARK[tone], LIGHT[tone]))]
            # Around the picture there may be edges of other things: bars, and a background.
            near = [min(seen, key=lambda edge, to=edge: abs(edge - to)) for edge in inner]  # type: ignore[misc]
            # A colour has half of the samples, and stands between two of luma.
            assert near == pytest.approx(inner, abs=2.5 + (0.5 + factors[at] / 2) * (finer - 1))


def test_bars_are_black() -> None:
    """Between the edge of the picture and that of the canvas, on both sides the same."""
    wide = Size(320, 180)
    luma, color = shown(Canvas(LETTERBOX, wide, wide, SHORT), framed(wide, [0], []))
    assert np.unique(np.concatenate((luma[:656], luma[1264:]))).tolist() == [16]
    assert np.unique(np.concatenate((color[:328], color[632:]))).tolist() == [128]
    assert luma[656:1264].min() > 170


def test_a_background_is_out_of_focus() -> None:
    """The picture itself, covering all, without its edges, darker; over it the picture, which is sharp."""
    wide = Size(320, 180)
    luma, _ = shown(Canvas(BLUR, wide, wide, SHORT), framed(wide, [160], []))
    behind, before = luma[100].astype(int), luma[960].astype(int)
    assert behind[20] == pytest.approx(16 + (DARK[0] - 16) * 0.7, abs=3)
    assert behind[-20] == pytest.approx(16 + (LIGHT[0] - 16) * 0.7, abs=3)
    assert np.abs(np.diff(behind)).max() < 4
    assert np.abs(np.diff(before)).max() > 20


@pytest.mark.parametrize(
    ("strategy", "tones"), [(CROP, [235]), (LETTERBOX, [16, 235]), (BLUR, [169, 235])], ids=str
)
def test_what_is_of_full_range_is_narrowed(strategy: Strategy, tones: list[int]) -> None:
    """White of 255 becomes that of television, 235, and is dimmed from there."""
    wide = Size(64, 36)
    luma, _ = shown(Canvas(strategy, wide, wide, SHORT), b"\xff" * 64 * 36 + b"\x80" * 64 * 18, "yuvj420p")
    assert np.unique(luma).tolist() == pytest.approx(tones, abs=1)
