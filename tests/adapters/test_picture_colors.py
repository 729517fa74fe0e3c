"""Pictures as they are seen; what becomes of every mode, the tests of what is made of them tell."""

import pytest
from PIL import Image

from oven.adapters.picture_colors import fitted, in_srgb, upright


@pytest.mark.parametrize(
    ("size", "most", "orientation", "expected"),
    [
        ((100, 50), (50, 50), 1, (50, 25)),
        ((100, 50), (50, 50), 6, (50, 25)),
        ((100, 50), (25, 100), 6, (50, 25)),
        ((100, 50), (999, 999), 1, (100, 50)),
        ((1_000, 1), (10, 10), 1, (10, 1)),
    ],
)
def test_fitted(
    size: tuple[int, int], most: tuple[int, int], orientation: int, expected: tuple[int, int]
) -> None:
    """The box is for the picture as it is displayed; nothing is enlarged, and nothing vanishes."""
    assert fitted(Image.new("RGB", size), most=most, orientation=orientation).size == expected


def test_grays_that_look_alike() -> None:
    """Of 16 bits of gray the one that is called clear is so, and its neighbour is not."""
    picture = Image.new("I;16", (2, 1), 40_000)
    picture.putpixel((1, 0), 40_001)
    picture.info["transparency"] = 40_000
    plain = fitted(picture, most=(9, 9), orientation=1)
    assert [plain.getpixel((x, 0)) for x in (0, 1)] == [(155, 0), (155, 255)]


def test_without_a_profile() -> None:
    """Samples are sRGB's; those of inks are made so."""
    assert in_srgb(Image.new("L", (1, 1), 9), None).mode == "L"
    assert in_srgb(Image.new("CMYK", (1, 1), (0, 0, 0, 255)), None).getpixel((0, 0)) == (0, 0, 0)


def test_upright() -> None:
    """What nobody can tell is left as it is."""
    picture = Image.new("L", (2, 1))
    assert [upright(picture, orientation).size for orientation in (0, 1, 5, 8, 9)] == [
        *((2, 1), (2, 1), (1, 2)),
        *((1, 2), (2, 1)),
    ]
