"""Filter graphs of edits."""

from dataclasses import replace
from fractions import Fraction

import pytest

from oven.media.canvas import Canvas, canvas_filters
from oven.media.edit import Colors, Cut, Mark
from oven.media.edit_graph import fitted, graph_of, sound_graph_of
from oven.media.geometry import Size
from oven.media.operations import Position
from oven.media.strategies import STRATEGIES, StrategyName
from tests.edits import AAC, CUT, H264, MARK, PLAIN, edit


@pytest.mark.parametrize(
    ("position", "place"),
    [
        (Position.TOP_LEFT, "x=4:y=4"),
        (Position.TOP, "x=(W-w)/2:y=4"),
        (Position.TOP_RIGHT, "x=W-w-4:y=4"),
        (Position.LEFT, "x=4:y=(H-h)/2"),
        (Position.CENTER, "x=(W-w)/2:y=(H-h)/2"),
        (Position.RIGHT, "x=W-w-4:y=(H-h)/2"),
        (Position.BOTTOM_LEFT, "x=4:y=H-h-4"),
        (Position.BOTTOM, "x=(W-w)/2:y=H-h-4"),
        (Position.BOTTOM_RIGHT, "x=W-w-4:y=H-h-4"),
    ],
)
def test_positions(position: Position, place: str) -> None:
    """A mark stands in one of nine places."""
    marked = edit(marks=(MARK._replace(position=position),))
    assert f"overlay={place}:" in ";".join(graph_of(marked, H264, is_cut=False, stills=()))


def test_marks_follow_one_another() -> None:
    """Several marks: each is an input of its own, laid over what the ones before have made."""
    marks = (MARK, Mark(Position.TOP, 1.0, None, 0))
    chains = graph_of(edit(marks=marks), H264, is_cut=False, stills=())
    assert [chain.partition("]")[0] + "]" for chain in chains] == [
        "[0:0]",
        "[1:0]",
        "[b0]",
        "[2:0]",
        "[b1]",
    ]
    assert "scale=w='min(iw,64)':h='min(ih,48)'" in chains[3]
    assert "colorchannelmixer" not in chains[3]


@pytest.mark.parametrize(
    ("rate", "cut", "begin"),
    [
        (None, None, "setpts='if(N,PTS,0)',"),
        (None, CUT, "trim=start=1.500000:end=4.500000,setpts='if(N,PTS-1.500000/TB,0)',"),
        (Fraction(25), None, "setpts=PTS,fps=25:start_time=0:round=near,"),
        (
            Fraction(25),
            CUT,
            (
                "trim=end=4.500000,setpts=PTS-1.500000/TB,fps=25:start_time=0:round=near,"
                "tpad=stop=-1:stop_mode=clone,trim=end=3.000000,"
            ),
        ),
    ],
)
def test_begins(rate: Fraction | None, cut: Cut | None, begin: str) -> None:
    """The clock begins with the film; even frames begin with what was shown then, and go on to the end."""
    cutting = edit(cut=cut, duration_s=3.0 if cut else 6.0)
    chain = graph_of(cutting, replace(H264, constant_rate=rate), is_cut=False, stills=())[0]
    assert chain.startswith(f"[0:0]{begin}scale=")


def test_where_sound_begins() -> None:
    """Silence comes first where sound may be late, and only there: it would come wherever sound changes."""
    assert sound_graph_of(PLAIN, AAC, is_cut=False) == "[0:1]aresample=48000:async=1:first_pts=0[a]"
    punctual = replace(AAC, is_late=False)
    assert sound_graph_of(edit(cut=CUT), punctual, is_cut=False) == (
        "[0:1]atrim=start=1.500000:end=4.500000,asetpts=PTS-1.500000/TB,aresample=48000:async=1[a]"
    )
    assert sound_graph_of(edit(cut=CUT), punctual, is_cut=True) == (
        "[0:1]atrim=start=0.000000:end=3.000000,aresample=48000:async=1[a]"
    )


def test_sound_of_a_length() -> None:
    """Silence follows what ends before; where there is nothing else it is made of nothing."""
    lasting = replace(AAC, lasts_s=3.0, is_late=False)
    assert sound_graph_of(PLAIN, lasting, is_cut=False) == (
        "[0:1]aresample=48000:async=1:min_hard_comp=0.04,apad,atrim=end=3.000000[a]"
    )
    silent = replace(lasting, index=None, channels=1)
    assert sound_graph_of(PLAIN, silent, is_cut=False) == "anullsrc=r=48000:cl=mono,atrim=end=3.000000[a]"


def test_a_last_picture_that_stands() -> None:
    """For five seconds at most, and not beyond the end."""
    chain = graph_of(edit(cut=CUT), replace(H264, is_held=True), is_cut=False, stills=())[0]
    assert ",tpad=stop_mode=clone:stop_duration=5,trim=end=6.000000,scale=" in chain


def test_a_canvas() -> None:
    """Takes the place of the scaling, before marks and tags."""
    shape = Size(128, 96)
    canvas = Canvas(STRATEGIES[StrategyName.BLUR], shape, shape, Size(90, 160))
    video = replace(H264, scaled=None, size=Size(90, 160), canvas=canvas)
    (chain, *_) = graph_of(edit(marks=(MARK,)), video, is_cut=False, stills=())
    assert chain == f"[0:0]setpts='if(N,PTS,0)',{canvas_filters(canvas, matrix='bt709')},setsar=1[b0]"


@pytest.mark.parametrize(
    ("scaled", "size", "crop"),
    [
        (None, Size(128, 96), ""),
        (None, Size(126, 96), ",crop=126:96,"),
        (Size(85, 64), Size(64, 64), ",crop=64:64,"),
        (Size(65, 49), Size(64, 48), ",crop=64:48:0:0,"),
    ],
)
def test_cropping(scaled: Size | None, size: Size, crop: str) -> None:
    """What is too much goes evenly on both sides; a single odd line is the last."""
    chain = graph_of(PLAIN, replace(H264, scaled=scaled, size=size), is_cut=False, stills=())[0]
    assert ("crop=" in chain) == bool(crop)
    assert crop in chain


def test_an_even_clock() -> None:
    """Where frames have to follow one another evenly, they do so from the first instant."""
    chain = graph_of(PLAIN, replace(H264, constant_rate=Fraction(30_000, 1_001)), is_cut=False, stills=())[0]
    assert ",fps=30000/1001:start_time=0:round=near," in chain


def test_colors() -> None:
    """Nothing is said of what nobody knows; deep pictures stay deep."""
    unknown = graph_of(edit(colors=Colors()), replace(H264, depth=10), is_cut=False, stills=())[0]
    assert unknown.endswith(",setparams=range=tv[v]")
    assert "in_color_matrix=smpte170m:out_color_matrix=smpte170m" in unknown
    assert "format=yuv420p10le" in unknown
    wide = graph_of(edit(colors=Colors("bt2020nc", "bt2020", "smpte2084")), H264, is_cut=False, stills=())[0]
    assert "out_color_matrix=bt2020:" in wide
    assert "color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc" in wide


@pytest.mark.parametrize(
    ("size", "bound", "fits"),
    [
        (Size(128, 96), Size(64, 64), Size(64, 48)),
        (Size(96, 128), Size(64, 64), Size(48, 64)),
        (Size(32, 24), Size(64, 64), Size(32, 24)),
        (Size(1000, 2), Size(10, 10), Size(10, 1)),
    ],
)
def test_fitted(size: Size, bound: Size, fits: Size) -> None:
    """Pictures fit inside, keep their shape, and never grow."""
    assert fitted(size, bound) == fits
