"""How large pictures become."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oven.media.framing import Bounds, Framing, fit, settle_frame
from oven.media.geometry import Size
from oven.media.operations import OptionError, Resize
from oven.media.wish import Resolution, Said
from tests.plans import FILM

BOUNDS = Bounds(16, 16_000_000)
SIZES = st.builds(Size, st.integers(16, 4000), st.integers(16, 4000))


def asked(
    size: Size | None = None, height: int | None = None, resize: Resize = Resize.FIT
) -> Said[Resolution]:
    return Said(Resolution(size, height, resize), 2, "resolution")


@given(SIZES, SIZES)
def test_fitting(source: Size, within: Size) -> None:
    """The result is inside, and reaches the inside on one side; its shape is kept as well as pixels can."""
    fitted = fit(source, within)
    assert fitted.width <= within.width
    assert fitted.height <= within.height
    assert fitted.width == within.width or fitted.height == within.height
    scale = min(within.width / source.width, within.height / source.height)
    for side, made in zip(source, fitted, strict=True):
        assert made == pytest.approx(max(1, side * scale), abs=0.5 + 1e-6)


@given(SIZES, SIZES.map(lambda size: Size(size.width & ~1, size.height & ~1)))
def test_filling(source: Size, over: Size) -> None:
    """The result is what was asked for; what is cut off lies on one side only."""
    film = replace(FILM, size=source)
    try:
        framing = settle_frame(film, asked(over, resize=Resize.FILL), BOUNDS, blamed=0)
    except OptionError as error:
        assert error.option == "resolution"
        return
    assert framing.size == over
    scaled = framing.scaled or source
    assert scaled.width == over.width or scaled.height == over.height
    assert scaled.width >= over.width
    assert scaled.height >= over.height


@pytest.mark.parametrize(
    ("size", "aspect", "rotation", "framing"),
    [
        (Size(64, 48), Fraction(1), 0, Framing(None, Size(64, 48))),
        (Size(65, 49), Fraction(1), 0, Framing(None, Size(64, 48))),
        (Size(64, 49), Fraction(1), 90, Framing(None, Size(48, 64))),
        (Size(64, 48), Fraction(4, 3), 0, Framing(Size(85, 48), Size(84, 48))),
        (Size(64, 48), Fraction(4, 3), 270, Framing(Size(48, 85), Size(48, 84))),
    ],
)
def test_as_it_is(size: Size, aspect: Fraction, rotation: int, framing: Framing) -> None:
    """Upright, in square pixels; an odd line is cut off, and nothing scaled that need not be."""
    film = replace(FILM, size=size, pixel_aspect=aspect, rotation=rotation)
    assert settle_frame(film, None, BOUNDS, blamed=0) == framing


def test_who_is_to_blame() -> None:
    """A source that is too large is refused at what asked for an encode."""
    film = replace(FILM, size=Size(8000, 8000))
    with pytest.raises(OptionError) as caught:
        settle_frame(film, None, BOUNDS, blamed=5)
    assert (caught.value.index, caught.value.option) == (5, "")
    assert "8000×8000" in caught.value.rule
