"""Pictures that ffmpeg may see: upright, in sRGB, clear where they were, and of pixels alone."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from oven.adapters.plain_picture import write_plain


def plain(folder: Path, picture: Image.Image, *, max_side: int = 64, orientation: int = 1) -> Image.Image:
    into = folder / "plain.png"
    size = write_plain(picture, into, max_side=max_side, orientation=orientation)
    with Image.open(into) as png:
        png.load()
        assert (png.format, png.mode, png.info) == ("PNG", "RGBA", {})
        assert png.size == tuple(size)
        return png


@pytest.mark.parametrize(
    ("size", "orientation", "shown"),
    [
        ((64, 64), 1, (64, 64)),
        ((8, 4), 1, (8, 4)),
        ((8, 4), 6, (4, 8)),
        ((640, 160), 1, (64, 16)),
        ((640, 160), 5, (16, 64)),
        ((5_000, 1), 1, (64, 1)),
    ],
)
def test_sizes(tmp_path: Path, size: tuple[int, int], orientation: int, shown: tuple[int, int]) -> None:
    """No side is longer than may be, and nothing is enlarged."""
    assert plain(tmp_path, Image.new("RGB", size), orientation=orientation).size == shown


@pytest.mark.parametrize(
    ("mode", "color", "shown"),
    [
        ("RGB", (200, 100, 50), (200, 100, 50, 255)),
        ("RGBA", (200, 100, 50, 128), (200, 100, 50, 128)),
        ("RGBa", (100, 50, 25, 128), (199, 99, 49, 128)),
        ("LA", (200, 128), (200, 200, 200, 128)),
        ("L", 200, (200, 200, 200, 255)),
        ("1", 1, (255, 255, 255, 255)),
        ("I;16", 200 * 257, (200, 200, 200, 255)),
        ("CMYK", (0, 255, 255, 0), (255, 0, 0, 255)),
        ("LAB", (255, 128, 128), (255, 255, 255, 255)),
    ],
)
def test_modes(tmp_path: Path, mode: str, color: Any, shown: tuple[int, ...]) -> None:
    """Whatever the samples are: with 8 bits, and as clear as they were."""
    png = plain(tmp_path, Image.new(mode, (16, 16), color), max_side=8)
    assert png.getpixel((4, 4)) == pytest.approx(shown, abs=2)


def test_what_is_clear_has_no_colour(tmp_path: Path) -> None:
    """Where pixels are mixed: nothing of it shines through the edge."""
    picture = Image.new("RGBA", (64, 64), (255, 255, 255, 0))
    picture.paste((255, 0, 0, 255), (0, 0, 27, 64))
    png = plain(tmp_path, picture, max_side=8)
    edge = png.getpixel((3, 4))
    assert isinstance(edge, tuple)
    assert edge[:3] == pytest.approx((255, 0, 0), abs=2)
    assert 0 < edge[3] < 255


def test_a_profile_beside_what_is_clear(tmp_path: Path) -> None:
    """Colours are what the profile means, and the rest is untouched; the profile itself is left out."""
    usual = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # One whose red means blue.
    meant = usual.replace(b"rXYZ", b"tXYZ", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"tXYZ", b"bXYZ", 1)
    picture = Image.new("RGBA", (16, 16), (200, 20, 20, 77))
    picture.info["icc_profile"] = meant
    assert plain(tmp_path, picture).getpixel((4, 4)) == pytest.approx((20, 20, 200, 77), abs=3)


def test_nothing_but_pixels(tmp_path: Path) -> None:
    """No place, no camera, no comment: three kinds of chunks, and no others."""
    picture = Image.new("RGBA", (16, 16))
    exif = Image.Exif()
    exif[0x010F] = "canary"
    picture.info |= {"exif": exif.tobytes(), "comment": b"canary", "dpi": (300, 300), "gamma": 0.5}
    plain(tmp_path, picture)
    data, at, kinds = (tmp_path / "plain.png").read_bytes(), 8, []
    while at < len(data):
        kinds.append(data[at + 4 : at + 8])
        at += 12 + int.from_bytes(data[at : at + 4])
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]
