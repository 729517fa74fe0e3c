"""The child program's own protocol."""

import subprocess
import sys
from pathlib import Path

import orjson
from PIL import Image

from oven.adapters.frame_child import LOOK_SIDE, REPORT_EVERY, decode, is_opaque, look
from oven.adapters.png_chunks import read_png
from tests.tapes import numbered_png


def test_lines_of_json(tmp_path: Path) -> None:
    """Work done now and then, the answer last."""
    file = tmp_path / "a.png"
    file.write_bytes(numbered_png(1))
    frames = [(index, str(file), "a", str(tmp_path / f"{index}.png")) for index in range(REPORT_EVERY + 1)]
    request = orjson.dumps({"task": "inspect", "options": {"frames": frames, "max_bytes": 9, "looks": [1]}})
    command = [sys.executable, "-I", "-m", "oven.adapters.frame_child"]
    said = subprocess.run(command, input=request, capture_output=True, check=True).stdout
    assert [orjson.loads(line) for line in said.splitlines()] == [
        {"done": 0},
        {"done": REPORT_EVERY},
        {"result": {"transparent": False, "looked": [list(look(decode(read_png(numbered_png(1)))))]}},
    ]


def test_opacity_is_in_the_pixels() -> None:
    """One that is not quite opaque is enough."""
    picture = Image.new("RGBA", (2, 2), (0, 0, 0, 255))
    assert is_opaque(picture)
    picture.putpixel((1, 1), (0, 0, 0, 254))
    assert not is_opaque(picture)


def test_the_middle_of_a_large_picture_is_looked_at() -> None:
    """What stands at its edges is not seen."""
    picture = Image.effect_noise((LOOK_SIDE + 200, 8), 100).convert("RGBA")
    picture.paste("red", (100, 0, LOOK_SIDE + 100, 8))
    assert look(picture) == (1.0, 1 / (LOOK_SIDE * 8))


def test_a_picture_of_one_column() -> None:
    """It has no neighbours, so none that differ."""
    assert look(Image.new("RGBA", (1, 4), "red")) == (1.0, 0.25)
