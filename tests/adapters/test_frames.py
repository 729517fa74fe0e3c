"""Strangers' pictures are decoded to their last pixel, in children, before an encode sees them."""

import io
import shutil
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from oven.adapters import frames as module
from oven.adapters.frames import ChildPictures
from oven.adapters.sandbox import Sandbox
from oven.domain.errors import Code, OvenError
from oven.media.tones import looked_at
from oven.pipeline.budget import Budget
from tests.pngs import END, chunk, header
from tests.pngs import picture as png
from tests.tapes import flat_png, numbered_png
from tests.tapes import png as whole_png

PICTURES = ChildPictures(children=2, timeout_s=30, stall_s=9, sandbox=Sandbox())
PIXELS = 1_000_000
BYTES = 10_000_000


Frames = list[tuple[Path, str, Path]]


def write(folder: Path, *pictures: bytes) -> Frames:
    """Write pictures → what to inspect, with empty places for the clean copies."""
    files = []
    clean = folder / "clean"
    shutil.rmtree(clean, ignore_errors=True)
    clean.mkdir()
    for index, data in enumerate(pictures):
        file = folder / f"{index:06d}.png"
        file.write_bytes(data)
        files.append((file, f"f{index}.png", clean / file.name))
    return files


async def inspect(frames: Frames) -> Mapping[str, Any]:
    return await PICTURES.inspect(
        frames, max_pixels=PIXELS, max_bytes=BYTES, hold=Budget().hold, report=lambda _: None
    )


async def refusal(frames: Frames) -> OvenError:
    with pytest.raises(OvenError) as caught:
        await inspect(frames)
    return caught.value


async def test_good_frames(tmp_path: Path) -> None:
    """Their common size; opaque although they have an alpha channel."""
    found = await inspect(write(tmp_path, *(numbered_png(number) for number in range(3))))
    tones = found["tones"]
    assert found == {"size": [64, 64], "transparent": False, "tones": tones}


async def test_what_pictures_are_made_of(tmp_path: Path) -> None:
    """Shares of equal neighbours and of colours, the mean of the frames that are looked at."""
    flat = Image.new("RGBA", (4, 2), "red")
    dots = Image.new("RGBA", (4, 2))
    dots.putdata([(value, 0, 0, 255) for value in range(8)])
    found = await inspect(write(tmp_path, whole_png(flat), whole_png(dots)))
    assert found["tones"] == {"equal_share": 0.5, "color_share": (1 / 8 + 1) / 2}


async def test_only_some_frames_are_looked_at(tmp_path: Path) -> None:
    """Those spread over the tape, whichever child proves them."""
    dots = Image.effect_noise((64, 64), 100).convert("RGBA")
    pictures = [whole_png(Image.new("RGBA", (64, 64), "red"))] * 130
    for looked in looked_at(130):
        pictures[looked] = whole_png(dots)
    found = await inspect(write(tmp_path, *pictures))
    assert found["tones"]["equal_share"] < 0.1


@pytest.mark.parametrize("clear", [0, 129])
async def test_one_clear_frame_is_enough(tmp_path: Path, clear: int) -> None:
    """Transparency is looked for in every frame, by whichever child."""
    pictures = [flat_png((0, 0, 0, 255))] * 130
    pictures[clear] = flat_png((9, 9, 9, 254))
    assert (await inspect(write(tmp_path, *pictures)))["transparent"]


async def test_a_clear_palette_entry(tmp_path: Path) -> None:
    """A palette may hold transparency, too."""
    picture = Image.new("P", (8, 8), 1)
    picture.putpalette([255, 0, 0, 0, 255, 0])
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", transparency=1)
    frames = write(tmp_path, buffer.getvalue())
    assert (await inspect(frames))["transparent"]
    with Image.open(frames[0][2]) as clean:
        assert (clean.mode, clean.getpixel((0, 0))) == ("RGBA", (0, 255, 0, 0))


async def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    """By their high byte, not by cutting them off."""
    buffer = io.BytesIO()
    Image.fromarray(np.full((8, 8), 40_000, dtype=np.uint16)).save(buffer, "PNG")
    frames = write(tmp_path, buffer.getvalue())
    await inspect(frames)
    with Image.open(frames[0][2]) as clean:
        assert clean.convert("L").getpixel((0, 0)) == pytest.approx(156, abs=1)


async def test_extras_are_left_out(tmp_path: Path) -> None:
    """Colour profiles, texts and animations do not reach ffmpeg; the pixels do, as they were."""
    plain = numbered_png(3)
    extras = chunk(b"iCCP", b"x\0\0garbage") + chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(5_000_000)))
    frames = write(tmp_path, plain[:33] + extras + plain[33:], plain)
    assert not (await inspect(frames))["transparent"]
    assert frames[0][2].read_bytes() == plain
    assert frames[1][2].stat().st_ino == frames[1][0].stat().st_ino


@pytest.mark.parametrize("cut", [40, -20, -12])
async def test_a_cut_frame(tmp_path: Path, cut: int) -> None:
    """In the header, in the pixels, in the last chunk: with index and name."""
    frames = write(tmp_path, numbered_png(0), numbered_png(1)[:cut], numbered_png(2))
    error = await refusal(frames)
    assert error.code is Code.FRAME_CORRUPT
    assert error.message.startswith("frame 1 (f1.png) is a broken PNG")


async def test_every_checksum_counts(tmp_path: Path) -> None:
    """A flipped bit anywhere after the header is found."""
    good = numbered_png(3)
    for position in range(33, len(good) - 12, 7):
        bad = bytearray(good)
        bad[position] ^= 4
        error = await refusal(write(tmp_path, bytes(bad)))
        assert error.code is Code.FRAME_CORRUPT, position


async def test_the_first_bad_frame_is_named(tmp_path: Path) -> None:
    """Also where another child finds a later one first."""
    pictures = [numbered_png(number) for number in range(130)]
    pictures[0] = pictures[0][:-30]
    pictures[1] = pictures[1][:-30]
    assert "frame 0 " in (await refusal(write(tmp_path, *pictures))).message


@pytest.mark.parametrize("data", [b"", b"#EXTM3U\nfile:///etc/passwd\n", b"\xff\xd8\xff\xe0" + bytes(100)])
async def test_what_is_no_png(tmp_path: Path, data: bytes) -> None:
    """Nothing, a playlist, a JPEG."""
    error = await refusal(write(tmp_path, numbered_png(0), data))
    assert error.code is Code.FRAME_NOT_PNG
    assert "frame 1 (f1.png)" in error.message


async def test_sizes_must_be_one(tmp_path: Path) -> None:
    """With both sizes in the message."""
    error = await refusal(write(tmp_path, numbered_png(0), numbered_png(1, width=65)))
    assert error.code is Code.FRAME_SIZE_MISMATCH
    assert error.message == "frame 1 (f1.png) is 65×64; frames must share one size (64×64)"


async def test_a_bomb_is_never_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size is known from its header; no child is started."""
    monkeypatch.setattr(module, "CHILD", ("/bin/false",))
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IEND", b"")
    error = await refusal(write(tmp_path, bomb))
    assert error.code is Code.FRAME_TOO_LARGE
    assert "3,600,000,000 pixels" in error.message


async def test_a_child_that_dies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Retryable: the frames were not judged."""
    monkeypatch.setattr(module, "CHILD", ("/bin/sh", "-c", "kill -9 $$"))
    error = await refusal(write(tmp_path, numbered_png(0)))
    assert error.code is Code.ENCODE_CRASHED
    assert error.retryable


async def test_a_child_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed when its time is over."""
    monkeypatch.setattr(module, "CHILD", ("/bin/sleep", "60"))
    pictures = ChildPictures(children=1, timeout_s=0.3, stall_s=9, sandbox=Sandbox())
    with pytest.raises(OvenError) as caught:
        await pictures.inspect(
            write(tmp_path, numbered_png(0)),
            max_pixels=PIXELS,
            max_bytes=BYTES,
            hold=Budget().hold,
            report=lambda _: None,
        )
    assert caught.value.code is Code.ENCODE_TIMEOUT


async def test_progress(tmp_path: Path) -> None:
    """Told while it goes on, from 0 to 1."""
    seen: list[float] = []
    frames = write(tmp_path, *(numbered_png(number) for number in range(130)))
    await PICTURES.inspect(frames, max_pixels=PIXELS, max_bytes=BYTES, hold=Budget().hold, report=seen.append)
    assert seen
    assert all(0 <= fraction <= 1 for fraction in seen)


async def test_a_thumbnail(tmp_path: Path) -> None:
    """Contained in its box, on black, as JPEG."""
    frames = write(tmp_path, flat_png((0, 255, 0, 255), width=10, height=20))
    into = tmp_path / "t.jpg"
    await PICTURES.thumbnail(frames[0][0], into, width=100, height=100, quality=90)
    with Image.open(into) as picture:
        assert (picture.format, picture.size) == ("JPEG", (100, 100))
        assert picture.getpixel((50, 50)) == pytest.approx((0, 255, 0), abs=6)
        assert picture.getpixel((10, 50)) == pytest.approx((0, 0, 0), abs=6)


async def test_a_thumbnail_that_cannot_be(tmp_path: Path) -> None:
    """The child ends without an answer; that is told, and no picture is left."""
    frames = write(tmp_path, numbered_png(0)[:60])
    with pytest.raises(OvenError) as caught:
        await PICTURES.thumbnail(frames[0][0], tmp_path / "t.jpg", width=9, height=9, quality=90)
    assert caught.value.code is Code.ENCODE_CRASHED
    assert not (tmp_path / "t.jpg").exists()


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
async def test_one_clear_gray(tmp_path: Path, depth: int) -> None:
    """White is clear, black is not, at any depth."""
    white = (1 << depth) - 1
    rows = b"".join(b"\0" + bytes([white << (8 - depth)]) for _ in range(2))
    data = png(
        header(8 // depth, 2, depth=depth, color=0),
        chunk(b"tRNS", white.to_bytes(2)),
        chunk(b"IDAT", zlib.compress(rows)),
        END,
    )
    frames = write(tmp_path, data)
    assert (await inspect(frames))["transparent"]
    with Image.open(frames[0][2]) as clean:
        pixels = [clean.getpixel((x, 0)) for x in range(clean.width)]
    assert pixels == [(255, 255, 255, 0)] + [(0, 0, 0, 255)] * (len(pixels) - 1)


async def test_palettes_that_hide_their_size(tmp_path: Path) -> None:
    """What has to be rewritten is bounded in all."""
    small = Image.effect_noise((300, 300), 90).convert("P")
    buffer = io.BytesIO()
    small.save(buffer, "PNG")
    frames = write(tmp_path, *[buffer.getvalue()] * 3)
    with pytest.raises(OvenError) as caught:
        await PICTURES.inspect(
            frames, max_pixels=PIXELS, max_bytes=100_000, hold=Budget().hold, report=lambda _: None
        )
    assert caught.value.code is Code.ZIP_TOO_LARGE


async def test_very_many_chunks(tmp_path: Path) -> None:
    """Walked once, however many there are, and left out."""
    plain = numbered_png(1)
    frames = write(tmp_path, plain[:33] + chunk(b"tEXt", b"") * 200_000 + plain[33:])
    await inspect(frames)
    assert frames[0][2].read_bytes() == plain


async def test_names_of_strangers_are_shown_tamed(tmp_path: Path) -> None:
    """Nothing in them moves a cursor or turns a line round."""
    [(file, _, clean)] = write(tmp_path, b"x")
    error = await refusal([(file, "f\u2028\u200f\x1b.png", clean)])
    assert error.message.isprintable()


async def probe(source: Path, **options: Any) -> Mapping[str, Any]:
    asked: dict[str, Any] = {
        "max_pixels": PIXELS,
        "thumbnail": source.parent / "t.jpg",
        "width": 32,
    } | options
    return await PICTURES.probe(source, **asked)


async def test_a_picture_of_any_kind(tmp_path: Path) -> None:
    """Is decoded in a child, within its bounds; its thumbnail stands where it was asked for."""
    source = tmp_path / "source"
    Image.effect_noise((80, 60), 90).save(source, "WEBP")
    assert await probe(source) == {
        "format": "webp",
        "contentType": "image/webp",
        "width": 80,
        "height": 60,
        "frames": 1,
        "mode": "RGB",
        "hasAlpha": False,
    }
    with Image.open(tmp_path / "t.jpg") as small:
        assert (small.format, small.size) == ("JPEG", (32, 24))


async def test_a_picture_that_is_refused(tmp_path: Path) -> None:
    """With the child's own words, and never again."""
    source = tmp_path / "source"
    source.write_bytes(b"\0\0\0\x20ftypisom")
    with pytest.raises(OvenError) as caught:
        await probe(source)
    error = caught.value
    assert (error.code, error.hint, error.retryable) == (
        Code.MEDIA_UNSUPPORTED,
        "Import it as a video.",
        False,
    )
    assert "it looks like an MP4 or MOV file" in error.message
    assert "Unidentified" in error.detail


async def test_a_picture_that_needs_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is refused by its own child: the daemon's memory is its own."""
    monkeypatch.setattr(module, "picture_memory_bytes", lambda _: 200 << 20)
    source = tmp_path / "source"
    source.write_bytes(png(header(9_000, 9_000), chunk(b"IDAT", zlib.compress(bytes(99))), END))
    with pytest.raises(OvenError) as caught:
        await probe(source, max_pixels=100_000_000)
    assert caught.value.code is Code.MEDIA_TOO_LARGE
    assert not (tmp_path / "t.jpg").exists()


async def test_a_picture_that_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is given up, and may be tried again."""
    monkeypatch.setattr(module, "PICTURE_CHILD", ("/bin/sleep", "60"))
    monkeypatch.setattr(module, "PICTURE_S", 0.3)
    with pytest.raises(OvenError) as caught:
        await probe(tmp_path / "source")
    assert caught.value.code is Code.ENCODE_TIMEOUT
    assert caught.value.message == "decoding the picture took more than 0.3 s"


async def test_a_plain_picture(tmp_path: Path) -> None:
    """Is rewritten in a child; noise, which no PNG makes smaller, has room."""
    source, into = tmp_path / "source", tmp_path / "plain.png"
    noise = np.random.default_rng(1).integers(0, 256, (300, 300, 4), dtype=np.uint8)
    Image.fromarray(noise).save(source, "WEBP", lossless=True)
    asked: dict[str, Any] = {"label": "the mark", "max_pixels": PIXELS}
    assert await PICTURES.plain(source, into, max_side=999, **asked) == {"width": 300, "height": 300}
    assert await PICTURES.plain(source, into, max_side=30, **asked) == {"width": 30, "height": 30}
    source.write_bytes(b"hello")
    with pytest.raises(OvenError, match="the mark is none that can be taken") as caught:
        await PICTURES.plain(source, into, max_side=30, **asked)
    assert (caught.value.code, caught.value.retryable) == (Code.MEDIA_UNSUPPORTED, False)
