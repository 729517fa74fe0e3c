"""Pictures of every kind that is taken, and of many that are not."""

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from PIL import Image

from oven.adapters import picture_child as module
from oven.adapters.picture_child import MAX_FRAMES, ORIENTATION, plain, probe
from oven.domain.errors import BadInputError, Code
from tests.pngs import END, SIGNATURE, chunk, header, picture

PIXELS = 100_000
# A gradient, so that nothing is decoded right by chance.
PLAIN = Image.fromarray(np.add.outer(np.arange(30) * 5, np.arange(40) * 2).astype(np.uint8)).convert("RGB")


@pytest.fixture(autouse=True)
def _limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child sets Pillow's limit for good; here it is put back."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)


def saved(kind: str, source: Image.Image = PLAIN, **options: Any) -> bytes:
    buffer = io.BytesIO()
    source.save(buffer, kind, **options)
    return buffer.getvalue()


def found(folder: Path, data: bytes, *, max_pixels: int = PIXELS, width: int = 320) -> dict[str, Any]:
    (folder / "source").write_bytes(data)
    return probe(str(folder / "source"), max_pixels, str(folder / "t.jpg"), width)


def refusal(folder: Path, data: bytes, **options: int) -> BadInputError:
    with pytest.raises(BadInputError) as caught:
        found(folder, data, **options)
    assert not (folder / "t.jpg").exists()
    return caught.value


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "webp", "bmp", "avif", "tiff"])
def test_every_kind(tmp_path: Path, kind: str) -> None:
    """Is told from its bytes, decoded, and has a thumbnail of the same picture."""
    said = found(tmp_path, saved(kind.upper()))
    assert (said["format"], said["contentType"]) == (kind, f"image/{kind}")
    assert (said["width"], said["height"], said["frames"], said["hasAlpha"]) == (40, 30, 1, False)
    with Image.open(tmp_path / "t.jpg") as small:
        assert (small.format, small.mode, small.size) == (
            "JPEG",
            "RGB" if kind != "gif" else small.mode,
            (40, 30),
        )
        near = np.asarray(small.convert("L"), dtype=int) - np.asarray(PLAIN.convert("L"), dtype=int)
    assert np.abs(near).mean() < 6


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
def test_turned_pictures(tmp_path: Path, kind: str, orientation: int) -> None:
    """Are measured and shown as they are displayed: red is in the corner where it belongs."""
    upright = Image.new("RGB", (40, 30), (0, 0, 255))
    upright.paste((255, 0, 0), (0, 0, 20, 15))
    lying = upright.transpose(UNDO[orientation]) if orientation in UNDO else upright
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    said = found(tmp_path, saved(kind, lying, exif=exif))
    assert (said["width"], said["height"]) == (40, 30)
    with Image.open(tmp_path / "t.jpg") as small:
        assert small.size == (40, 30)
        assert not small.getexif()
        corners = [small.getpixel((x, y)) for x, y in ((4, 4), (35, 4), (4, 25), (35, 25))]
    assert [pixel[0] > pixel[2] for pixel in corners if isinstance(pixel, tuple)] == [
        True,
        False,
        False,
        False,
    ]


UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP", "AVIF"])
def test_animations(tmp_path: Path, kind: str) -> None:
    """Are counted; the first frame is the one that is shown."""
    frames = [Image.new("RGB", (8, 8), (250 - 60 * number, 0, 0)) for number in range(4)]
    said = found(tmp_path, saved(kind, frames[0], save_all=True, append_images=frames[1:], duration=50))
    assert (said["frames"], said["width"]) == (4, 8)
    with Image.open(tmp_path / "t.jpg") as small:
        assert small.convert("RGB").getpixel((4, 4)) == pytest.approx((250, 0, 0), abs=8)


def test_a_picture_beside_an_animation(tmp_path: Path) -> None:
    """For who knows none; it is no frame."""
    frames = [Image.new("RGB", (8, 8), (60 * number, 0, 0)) for number in range(3)]
    data = saved("PNG", frames[0], save_all=True, append_images=frames[1:], default_image=True)
    assert found(tmp_path, data)["frames"] == 2


def test_more_frames_than_are_counted(tmp_path: Path) -> None:
    """However many a file claims."""
    whole = saved("PNG")
    claim = chunk(b"acTL", struct.pack(">II", 0x7FFF_FFFF, 0))
    control = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 40, 30, 0, 0, 1, 1, 0, 0))
    assert found(tmp_path, whole[:33] + claim + control + whole[33:])["frames"] == MAX_FRAMES


def test_pages_are_no_frames(tmp_path: Path) -> None:
    """Of a TIFF."""
    assert found(tmp_path, saved("TIFF", save_all=True, append_images=[PLAIN, PLAIN]))["frames"] == 1


def test_a_cameras_jpeg(tmp_path: Path) -> None:
    """With further pictures behind it is a JPEG."""
    said = found(tmp_path, saved("MPO", save_all=True, append_images=[PLAIN]))
    assert (said["format"], said["contentType"], said["frames"]) == ("jpeg", "image/jpeg", 1)


@pytest.mark.parametrize(
    ("data", "mode", "alpha"),
    [
        (saved("JPEG", PLAIN.convert("CMYK")), "CMYK", False),
        (saved("PNG", Image.fromarray(np.full((9, 9), 40_000, dtype=np.uint16))), "I;16", False),
        (saved("PNG", PLAIN.convert("P")), "P", False),
        (saved("PNG", PLAIN.convert("P"), transparency=7), "P", True),
        (saved("PNG", PLAIN.convert("1")), "1", False),
        (saved("PNG", PLAIN.convert("L")), "L", False),
        (saved("PNG", PLAIN.convert("RGBA")), "RGBA", True),
        (saved("PNG", PLAIN.convert("LA")), "LA", True),
        (saved("WEBP", Image.new("RGBA", (9, 9), (1, 2, 3, 4)), lossless=True), "RGBA", True),
        (saved("AVIF", Image.new("RGBA", (9, 9), (1, 2, 3, 4))), "RGBA", True),
        (saved("GIF", Image.new("P", (9, 9), 7), transparency=7), "P", True),
        (saved("TIFF", Image.new("F", (9, 9), 0.5)), "F", False),
        (saved("TIFF", Image.new("LAB", (9, 9), (128, 128, 128))), "LAB", False),
        (saved("TIFF", PLAIN.convert("CMYK"), compression="tiff_lzw"), "CMYK", False),
    ],
)
def test_every_mode(tmp_path: Path, data: bytes, mode: str, alpha: bool) -> None:  # noqa: FBT001
    """Whatever its samples are; the thumbnail is a plain JPEG."""
    said = found(tmp_path, data)
    assert (said["mode"], said["hasAlpha"]) == (mode, alpha)
    with Image.open(tmp_path / "t.jpg") as small:
        small.load()
        assert small.mode in {"L", "RGB"}


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"hello", "it is of no kind that is known"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "it looks like an SVG picture"),
        (b'<?xml version="1.0"?>\n<!-- a -->\n<SVG xmlns="x"/>', "it looks like an SVG picture"),
        (b"<!doctype html><html><svg></svg></html>", "it looks like a web page"),
        (b"%PDF-1.7\n", "it looks like a PDF document"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "it looks like a HEIC picture"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "it looks like a JPEG XL picture"),
        (saved("PPM"), "it is of no kind that is known"),
        (saved("ICO"), "it is of no kind that is known"),
        (saved("JPEG2000"), "it looks like a JPEG 2000 picture"),
    ],
)
def test_what_is_not_taken(tmp_path: Path, data: bytes, what: str) -> None:
    """Is told with what it looks like, and with what is taken."""
    error = refusal(tmp_path, data)
    assert error.code is Code.MEDIA_UNSUPPORTED
    assert error.message == (
        f"the picture is none that can be taken: {what}; PNG, JPEG, GIF, WebP, BMP, AVIF and TIFF can"
    )
    assert error.hint == ""


@pytest.mark.parametrize("head", [b"\0\0\0\x20ftypisom\0\0\2\0isomiso2", b"\x1aE\xdf\xa3\x01\0"])
def test_a_video(tmp_path: Path, head: bytes) -> None:
    """Is to be sent where videos go."""
    error = refusal(tmp_path, head + bytes(200))
    assert (error.code, error.hint) == (Code.MEDIA_UNSUPPORTED, "Import it as a video.")


def test_nothing(tmp_path: Path) -> None:
    """Is no picture, but not another kind either."""
    error = refusal(tmp_path, b"")
    assert (error.code, error.message) == (Code.MEDIA_INVALID, "the picture is empty: it has no bytes")


NOISE = Image.effect_noise((64, 64), 90).convert("RGB")


@pytest.mark.parametrize("cut", [0.5, 0.98])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "AVIF", "TIFF"])
def test_cut_pictures(tmp_path: Path, kind: str, cut: float) -> None:
    """In the middle, and near the end."""
    whole = saved(kind, NOISE)
    error = refusal(tmp_path, whole[: int(len(whole) * cut)])
    assert (error.code, error.message) == (
        Code.MEDIA_TRUNCATED,
        "the picture is cut off: its end is missing",
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "AVIF", "TIFF"])
def test_cut_at_every_place(tmp_path: Path, kind: str) -> None:
    """Refused by one of three codes, or taken because only what follows the pixels is missing."""
    whole = saved(kind)
    for end in [*range(1, 120, 7), *range(120, len(whole), 61), len(whole) - 1]:
        try:
            found(tmp_path, whole[:end])
        except BadInputError as error:
            assert error.code in {Code.MEDIA_TRUNCATED, Code.MEDIA_INVALID, Code.MEDIA_UNSUPPORTED}, end
        else:
            assert len(whole) - end < 40, end


def test_a_frame_that_is_cut_later(tmp_path: Path) -> None:
    """In an animated GIF whose first frame is whole."""
    whole = saved("GIF", NOISE, save_all=True, append_images=[NOISE.rotate(90)])
    assert refusal(tmp_path, whole[:-500]).code is Code.MEDIA_TRUNCATED


def test_flipped_bits(tmp_path: Path) -> None:
    """In a PNG each is found, wherever it is after the header."""
    whole = saved("PNG", NOISE)
    for position in range(33, len(whole) - 12, 997):
        bad = bytearray(whole)
        bad[position] ^= 4
        assert refusal(tmp_path, bytes(bad)).code in {Code.MEDIA_INVALID, Code.MEDIA_TRUNCATED}, position


@pytest.mark.parametrize(
    "data",
    [
        SIGNATURE + bytes(100),
        picture(header(8, 8), chunk(b"IDAT", b"junk"), END),
        picture(header(8, 8), END),
        b"\xff\xd8\xff\xe0" + bytes(300),
        b"GIF89a" + bytes(300),
        b"BM" + bytes(300),
        b"II*\0" + bytes(300),
        b"RIFF\x08\0\0\0WEBP" + bytes(8),
        b"\0\0\0\x10ftypavif" + bytes(4),
    ],
)
def test_broken_pictures(tmp_path: Path, data: bytes) -> None:
    """With the signature of a kind that is taken, and nothing behind it that is right."""
    error = refusal(tmp_path, data)
    assert error.code in {Code.MEDIA_INVALID, Code.MEDIA_TRUNCATED}
    assert error.detail


def _bmp(width: int, height: int) -> bytes:
    fields = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + fields


@pytest.mark.parametrize(
    "bomb",
    [
        picture(header(50_000, 50_000), chunk(b"IDAT", zlib.compress(bytes(99))), END),
        b"GIF89a" + struct.pack("<HH", 50_000, 50_000) + b"\0\0\0,\0\0\0\0\1\0\1\0\0\2\1\0\0;",
        _bmp(50_000, 50_000),
        b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + 2 * (49_999).to_bytes(3, "little") + bytes(8),
    ],
    ids=["png", "gif", "bmp", "webp"],
)
def test_bombs(tmp_path: Path, bomb: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Are refused by their headers: nothing is decoded."""
    monkeypatch.setattr(Image.Image, "load", None)
    error = refusal(tmp_path, bomb, max_pixels=100_000_000)
    assert error.code is Code.MEDIA_TOO_LARGE
    assert error.message == (
        "the picture is 50000×50000, 2,500,000,000 pixels; at most 100,000,000 pixels are possible"
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "AVIF", "TIFF"])
def test_the_limit(tmp_path: Path, kind: str) -> None:
    """Holds for every kind, to the pixel."""
    assert found(tmp_path, saved(kind), max_pixels=1_200)["width"] == 40
    (tmp_path / "t.jpg").unlink()
    assert refusal(tmp_path, saved(kind), max_pixels=1_199).code is Code.MEDIA_TOO_LARGE


def tiled_tiff(compression: int, side: int) -> bytes:
    """Give a picture of 8×8 whose only tile is larger than it."""
    tags = {256: 8, 257: 8, 258: 8, 259: compression, 262: 1, 277: 1, 322: side, 323: side, 324: 200, 325: 40}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    return (b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + bytes(4)).ljust(240, b"\0")


@pytest.mark.parametrize("compression", [1, 5], ids=["plain", "lzw"])
def test_large_tiles_of_a_small_picture(tmp_path: Path, compression: int) -> None:
    """Are no way around the limit."""
    error = refusal(tmp_path, tiled_tiff(compression, 50_000))
    assert error.code in {Code.MEDIA_INVALID, Code.MEDIA_TRUNCATED}


def test_data_beside_the_pixels(tmp_path: Path) -> None:
    """That is broken or strange refuses no picture."""
    whole = saved("JPEG")
    broken = b"Exif\0\0II*\0\x08\0\0\0\x09\0junk"
    data = whole[:2] + b"\xff\xe1" + (len(broken) + 2).to_bytes(2) + broken + whole[2:]
    assert found(tmp_path, data)["width"] == 40
    profile = saved("JPEG", icc_profile=b"no profile")
    assert found(tmp_path, profile)["width"] == 40
    exif = Image.Exif()
    exif[ORIENTATION] = 77
    assert found(tmp_path, saved("JPEG", exif=exif))["width"] == 40


def test_a_place_that_cannot_be(tmp_path: Path) -> None:
    """A file that points to where no file reaches is broken, though it is the machine that says so."""
    error = refusal(tmp_path, b"II+\0\x08\0\0\0" + b"\x0c" * 8 + bytes(300))
    assert (error.code, "Invalid argument" in error.detail) == (Code.MEDIA_INVALID, True)


def test_when_memory_runs_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the picture that asks for too much, whatever its size."""

    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(module, "_check_chunks", fail)
    error = refusal(tmp_path, saved("PNG"))
    assert error.code is Code.MEDIA_TOO_LARGE
    assert "more memory than one of 100,000 pixels may" in error.message


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    """Is no fault of the picture."""
    (tmp_path / "source").write_bytes(saved("PNG"))
    with pytest.raises(OSError, match="space"):
        probe(str(tmp_path / "source"), PIXELS, "/dev/full", 320)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "AVIF", "TIFF"])
def test_a_plain_picture(tmp_path: Path, kind: str) -> None:
    """Of every kind becomes a PNG of the same picture; one that is cut off is refused by its own name."""
    whole = saved(kind, NOISE)
    (tmp_path / "source").write_bytes(whole)
    asked: dict[str, Any] = {
        "source": str(tmp_path / "source"),
        "output": str(tmp_path / "plain.png"),
        "label": "the watermark of operation 2",
        "max_pixels": PIXELS,
    }
    assert plain(**asked, max_side=64) == {"width": 64, "height": 64}
    with Image.open(tmp_path / "plain.png") as png, Image.open(tmp_path / "source") as picture:
        assert (png.format, png.mode) == ("PNG", "RGBA")
        assert png.tobytes() == picture.convert("RGBA").tobytes()
    with pytest.raises(BadInputError, match="the watermark of operation 2 is 64×64, 4,096 pixels"):
        plain(**asked | {"max_pixels": 4_095}, max_side=64)
    (tmp_path / "source").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadInputError) as caught:
        plain(**asked, max_side=64)
    assert (caught.value.code, caught.value.message) == (
        Code.MEDIA_TRUNCATED,
        "the watermark of operation 2 is cut off: its end is missing",
    )


def test_a_film_for_a_plain_picture(tmp_path: Path) -> None:
    """Is refused, and nobody is told to import it."""
    (tmp_path / "source").write_bytes(b"\0\0\0\x20ftypisom\0\0\2\0isomiso2" + bytes(200))
    with pytest.raises(BadInputError, match="the mark is none that can be taken") as caught:
        plain(str(tmp_path / "source"), str(tmp_path / "p.png"), "the mark", PIXELS, 9)
    assert (caught.value.code, caught.value.hint) == (Code.MEDIA_UNSUPPORTED, "")


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_one_clear_gray(tmp_path: Path, depth: int) -> None:
    """Of a PNG, at any depth: white is clear, and black is not."""
    white = (1 << depth) - 1
    # Two pixels: white at the left.
    row = b"\0" + (white << max(depth, 8 - depth)).to_bytes(max(1, depth // 4))
    data = picture(
        header(2, 1, depth=depth, color=0),
        chunk(b"tRNS", white.to_bytes(2)),
        chunk(b"IDAT", zlib.compress(row)),
        END,
    )
    (tmp_path / "source").write_bytes(data)
    plain(str(tmp_path / "source"), str(tmp_path / "p.png"), "it", PIXELS, 99)
    with Image.open(tmp_path / "p.png") as png:
        assert [png.getpixel((x, 0)) for x in (0, 1)] == [(255, 255, 255, 0), (0, 0, 0, 255)]


def test_one_line_of_json(tmp_path: Path) -> None:
    """What the program says: a result, or an error with all its parts."""
    (tmp_path / "good").write_bytes(saved("PNG"))
    (tmp_path / "bad").write_bytes(b"hello")
    said = []
    for name in ("good", "bad"):
        options = {
            "source": str(tmp_path / name),
            "max_pixels": PIXELS,
            "thumbnail": str(tmp_path / "t.jpg"),
            "width": 9,
        }
        request = {"task": "probe", "options": options}
        command = [sys.executable, "-I", "-m", "oven.adapters.picture_child"]
        child = subprocess.run(command, input=orjson.dumps(request), capture_output=True, check=True)
        said.append(orjson.loads(child.stdout))
        assert child.stderr == b""
    assert said[0]["result"]["format"] == "png"
    assert said[1]["error"]["code"] == "MEDIA_UNSUPPORTED"
    assert set(said[1]["error"]) == {"code", "message", "hint", "detail"}
