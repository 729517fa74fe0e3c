"""What artists record, drawn by code: each kind gives a picture for every instant, the same in every run."""

import math
import random
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Instants = Sequence[float]
TILE = 16
# The levels of a channel that is dithered.
LEVELS = 4
BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) / 16
PROMPT = "a prompt, typed slowly, with a cursor that blinks. "
PAGE = (
    "the oven takes a tape, looks at each of its frames, and gives back a film that is true to all of them. "
)
SPRITE = ("..####..", ".#....#.", "#.#..#.#", "#......#", "#.#..#.#", "#..##..#", ".#....#.", "..####..")


def drawing(width: int, height: int, instants: Instants) -> Iterator[Image.Image]:
    """Draw a wandering line in changing colours, three strokes a frame, with the pen's place marked."""
    rng, angle = random.Random(3), 0.0
    x, y = width / 2, height / 2
    canvas = Image.new("RGBA", (width, height), (30, 20, 60, 255))
    for _ in instants:
        pen = ImageDraw.Draw(canvas)
        for _ in range(3):
            angle += rng.uniform(-0.5, 0.5)
            before = (x, y)
            x = min(max(x + math.cos(angle) * 6, 0), width - 1)
            y = min(max(y + math.sin(angle) * 6, 0), height - 1)
            color = (rng.randrange(256), rng.randrange(256), rng.randrange(256))
            pen.line((*before, x, y), fill=color, width=2)
        frame = canvas.copy()
        ImageDraw.Draw(frame).rectangle((x - 3, y - 3, x + 3, y + 3), outline="white")
        yield frame


def plasma(width: int, height: int, instants: Instants) -> Iterator[Image.Image]:
    """Let waves of sixteen steps run through all of the picture."""
    yy, xx = np.mgrid[0:height, 0:width].astype(float)
    for at in instants:
        waves = np.sin(xx / 23 + at * 2) + np.sin(yy / 17 + at * 3) + np.sin((xx + yy) / 31 + at)
        waves += np.sin(np.hypot(xx - width / 2, yy - height / 2) / 13 - at * 4)
        step = (waves + 4) / 8 * 255 // 16 * 16
        yield _picture(np.stack([step, 255 - step, step * 2 % 256], 2))


def prompt(width: int, height: int, instants: Instants) -> Iterator[Image.Image]:
    """Type a line, slowly: most frames are those before them."""
    for number, _ in enumerate(instants):
        frame = Image.new("RGBA", (width, height), (70, 50, 100, 255))
        pen, typed = ImageDraw.Draw(frame), PROMPT[: number // 4 % len(PROMPT)]
        pen.text((6, 6), typed, fill=(255, 170, 220))
        if number // 15 % 2:
            pen.rectangle((6 + 6 * len(typed), 6, 12 + 6 * len(typed), 16), fill=(200, 30, 100))
        yield frame


def noise(width: int, height: int, instants: Instants) -> Iterator[Image.Image]:
    """Give every pixel a colour of its own: the worst case."""
    rng = np.random.default_rng(5)
    for _ in instants:
        yield _picture(rng.integers(0, 256, (height, width, 3)))


def sync(width: int, height: int, instants: Instants) -> Iterator[Image.Image]:
    """Flash white at every full second."""
    for at in instants:
        yield Image.new("RGBA", (width, height), "white" if at % 1 < FLASH_S else "black")


FLASH_S = 0.1


def tiles(width: int, height: int, instants: Instants) -> Iterator[Image.Image]:
    """Scroll over a map of tiles by whole pixels, with sprites that walk the other way."""
    rng = np.random.default_rng(7)
    palette = rng.integers(40, 256, (8, 3))
    kinds = [palette[rng.integers(0, 8, (TILE, TILE)) // 3 + kind % 5] for kind in range(12)]
    rows, columns = height // TILE + 2, 3 * width // TILE
    land = np.block([[[kinds[kind]] for kind in row] for row in rng.integers(0, len(kinds), (rows, columns))])
    sprite = np.array([[cell == "#" for cell in row] for row in SPRITE]).repeat(3, 0).repeat(3, 1)
    for at in instants:
        left = round(at * 90) % (land.shape[1] - width)
        view = land[:height, left : left + width].copy()
        for number in range(6):
            x = (number * 97 - round(at * 60)) % (width - sprite.shape[1])
            y = (number * 71 + round(20 * math.sin(3 * at + number))) % (height - sprite.shape[0])
            view[y : y + sprite.shape[0], x : x + sprite.shape[1]][sprite] = (255, 240, 40 * number)
        yield _picture(view)


def dither(width: int, height: int, instants: Instants) -> Iterator[Image.Image]:
    """Move gradients of four levels a channel: ordered dither on the left, Floyd and Steinberg's right."""
    yy, xx = np.mgrid[0:height, 0:width].astype(float)
    ordered = np.tile(BAYER, (height // 4 + 1, width // 4 + 1))[:height, :width, None]
    grays = Image.new("P", (1, 1))
    steps = [round(255 * step / (LEVELS - 1)) for step in range(LEVELS)]
    grays.putpalette([value for r in steps for g in steps for b in steps for value in (r, g, b)])
    for at in instants:
        waves = [np.sin(xx / 90 + at), np.sin(yy / 70 - at), np.sin((xx - yy) / 110 + 2 * at)]
        smooth = (np.stack(waves, 2) + 1) / 2
        stepped = np.floor(smooth * (LEVELS - 1) + ordered) / (LEVELS - 1)
        spread = Image.fromarray((255 * smooth[:, width // 2 :]).astype("uint8")).quantize(palette=grays)
        frame = _picture(255 * stepped)
        frame.paste(spread.convert("RGBA"), (width // 2, 0))
        yield frame


def text(width: int, height: int, instants: Instants) -> Iterator[Image.Image]:
    """Scroll pages of small text by whole pixels, and turn to another page every two seconds."""
    for at in instants:
        page, offset = int(at // 2), round(at * 40)
        frame = Image.new("RGBA", (width, height), (18, 18, 24, 255))
        pen = ImageDraw.Draw(frame)
        for line in range(-1, height // 12 + 2):
            number = line + offset // 12
            start = (number * 37 + page * 11) % len(PAGE)
            words = (PAGE * 3)[start : start + width // 6]
            color = ((230, 230, 230), (250, 200, 90), (120, 210, 250))[number % 3]
            pen.text((4, line * 12 - offset % 12), words, fill=color)
        yield frame


def photo(width: int, height: int, instants: Instants) -> Iterator[Image.Image]:
    """Pan and zoom over a landscape of smooth tones and fine structure, with a sensor's grain."""
    rng = np.random.default_rng(11)
    side = 2 * max(width, height)
    scene = np.zeros((side, side, 3))
    for octave in range(7):
        cells = 3 * 2**octave
        rough = Image.fromarray(rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
        layer = rough.resize((side, side), Image.Resampling.BICUBIC)
        scene += (np.asarray(layer).astype(float) - 128) * 0.62**octave
    scene += np.linspace(170, 90, side)[:, None, None]
    whole = Image.fromarray(np.clip(scene, 0, 255).astype("uint8"))
    for at in instants:
        zoom = 1.4 + 0.25 * math.sin(at / 2)
        left, top = side * (0.1 + 0.02 * at), side * (0.12 + 0.015 * at)
        box = (left, top, left + width * zoom * 0.8, top + height * zoom * 0.8)
        view = whole.resize((width, height), Image.Resampling.BICUBIC, box=box)
        yield _picture(np.asarray(view) + rng.normal(0, 2.5, (height, width, 3)))


def _picture(pixels: NDArray[np.generic]) -> Image.Image:
    """Make a picture of values from 0 to 255, shape (height, width, 3)."""
    return Image.fromarray(np.clip(pixels, 0, 255).astype("uint8")).convert("RGBA")
