"""Thumbnails: small, upright, over black, in sRGB, and of pixels alone."""

from pathlib import Path

import pytest
from PIL import Image, ImageCms

from oven.adapters.picture_thumbnail import MAX_HEIGHT, make_thumbnail


def thumbnail(folder: Path, picture: Image.Image, *, width: int = 320, orientation: int = 1) -> Image.Image:
    into = folder / "t.jpg"
    make_thumbnail(picture, into, width=width, orientation=orientation)
    with Image.open(into) as small:
        assert small.format == "JPEG"
        small.load()
        return small


@pytest.mark.parametrize(
    ("size", "orientation", "shown"),
    [
        ((640, 480), 1, (320, 240)),
        ((640, 480), 6, (320, 427)),
        ((320, 10), 1, (320, 10)),
        ((319, 10), 1, (319, 10)),
        ((10, 319), 8, (319, 10)),
        ((1, 1), 1, (1, 1)),
        ((5_000, 1), 1, (320, 1)),
        ((1, 40_000), 1, (1, MAX_HEIGHT)),
        ((100, 2 * MAX_HEIGHT), 1, (50, MAX_HEIGHT)),
        ((2 * MAX_HEIGHT, 100), 5, (50, MAX_HEIGHT)),
    ],
)
def test_sizes(tmp_path: Path, size: tuple[int, int], orientation: int, shown: tuple[int, int]) -> None:
    """As wide as asked for at most, never enlarged, in the picture's own shape as it is displayed."""
    assert thumbnail(tmp_path, Image.new("RGB", size), orientation=orientation).size == shown


@pytest.mark.parametrize(
    ("mode", "color", "shown"),
    [
        ("RGB", (200, 100, 50), (200, 100, 50)),
        ("RGBA", (200, 100, 50, 255), (200, 100, 50)),
        ("RGBA", (200, 100, 50, 0), (0, 0, 0)),
        ("RGBA", (200, 100, 50, 128), (100, 50, 25)),
        ("RGBa", (100, 50, 25, 128), (100, 50, 25)),
        ("LA", (200, 128), (100, 100, 100)),
        ("La", (100, 128), (100, 100, 100)),
        ("L", 200, (200, 200, 200)),
        ("1", 1, (255, 255, 255)),
        ("I;16", 200 * 257, (200, 200, 200)),
        ("I;16B", 200 * 257, (200, 200, 200)),
        ("I", 200, (200, 200, 200)),
        ("F", 0.5, (127, 127, 127)),
        ("CMYK", (0, 255, 255, 0), (255, 0, 0)),
        ("YCbCr", (255, 128, 128), (255, 255, 255)),
        ("HSV", (0, 255, 255), (255, 0, 0)),
        ("LAB", (255, 128, 128), (255, 255, 255)),
        ("RGBX", (200, 100, 50, 9), (200, 100, 50)),
    ],
)
def test_modes(tmp_path: Path, mode: str, color: tuple[int, ...] | float, shown: tuple[int, ...]) -> None:
    """Whatever the samples are: with 8 bits, and what is clear over black."""
    small = thumbnail(tmp_path, Image.new(mode, (16, 16), color), width=8).convert("RGB")
    assert small.getpixel((4, 4)) == pytest.approx(shown, abs=4)


def test_palettes(tmp_path: Path) -> None:
    """Are looked up before pixels are mixed; a clear entry is black."""
    picture = Image.new("P", (16, 16), 1)
    picture.putpalette([255, 0, 0, 0, 255, 0])
    assert thumbnail(tmp_path, picture).getpixel((4, 4)) == pytest.approx((0, 255, 0), abs=4)
    picture.info["transparency"] = 1
    assert thumbnail(tmp_path, picture).getpixel((4, 4)) == pytest.approx((0, 0, 0), abs=4)
    gray = Image.new("L", (16, 16), 9)
    gray.info["transparency"] = 9
    assert thumbnail(tmp_path, gray).getpixel((4, 4)) == pytest.approx((0, 0, 0), abs=4)


def test_colour_profiles(tmp_path: Path) -> None:
    """Are applied and left out; one that cannot be is left out alone."""
    usual = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # One whose red means blue.
    meant = usual.replace(b"rXYZ", b"tXYZ", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"tXYZ", b"bXYZ", 1)
    picture = Image.new("RGB", (16, 16), (200, 20, 20))
    plain = thumbnail(tmp_path, picture).getpixel((4, 4))
    picture.info["icc_profile"] = meant
    small = thumbnail(tmp_path, picture)
    assert small.getpixel((4, 4)) == pytest.approx((20, 20, 200), abs=6)
    assert "icc_profile" not in small.info
    for broken in (b"junk", meant[:200], usual.replace(b"RGB ", b"CMYK", 1)):
        picture.info["icc_profile"] = broken
        assert thumbnail(tmp_path, picture).getpixel((4, 4)) == plain
    inks = Image.new("CMYK", (16, 16), (0, 0, 0, 0))
    inks.info["icc_profile"] = usual
    assert thumbnail(tmp_path, inks).getpixel((4, 4)) == pytest.approx((255, 255, 255), abs=2)


def test_nothing_but_pixels(tmp_path: Path) -> None:
    """No place, no camera, no comment."""
    picture = Image.new("RGB", (16, 16))
    exif = Image.Exif()
    exif[0x010F] = "canary"
    picture.info |= {"exif": exif.tobytes(), "comment": b"canary", "xmp": b"canary", "dpi": (300, 300)}
    small = thumbnail(tmp_path, picture)
    assert b"canary" not in (tmp_path / "t.jpg").read_bytes()
    assert set(small.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert picture.info["comment"] == b"canary"
