"""Each kind of step, carried out with real tools."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest

from oven.domain.errors import BadInputError, Code
from oven.media.png import read_size
from oven.recipes.steps import (
    Extract,
    FetchObject,
    InspectFrames,
    ListArchive,
    PlainPicture,
    Publish,
    ReadJson,
    TakeLocal,
    Target,
    Thumbnail,
)
from tests.kitchens import Kitchen
from tests.tapes import numbered_png, write_zip

COMMON: dict[str, Any] = {"name": "it", "phase": "p"}


async def test_take_list_extract(kitchen: Kitchen, tmp_path: Path) -> None:
    """From a path to files under names of ours."""
    tape = write_zip(tmp_path / "tape.zip", {"x/a.txt": b"alpha"})
    _, folder = await kitchen.does(TakeLocal(path=str(tape), file="tape.zip", max_bytes=9999, **COMMON))
    await kitchen.has(tape_zip=(folder / "tape.zip").read_bytes())
    bounds: dict[str, Any] = {"archive": "src/tape.zip", "max_unpacked_bytes": 99}
    listed, _ = await kitchen.does(ListArchive(max_entries=9, **bounds, **COMMON))
    assert listed == {"entries": ["x/a.txt"]}
    extracted, folder = await kitchen.does(Extract(entries=(("x/a.txt", "1"),), **bounds, **COMMON))
    assert extracted == {"sizeBytes": 5, "alike": {}}
    assert (folder / "1").read_bytes() == b"alpha"


async def test_read_json(kitchen: Kitchen) -> None:
    """What it is called, and which code a broken one has, are the step's to say."""
    await kitchen.has(good_json=b'{"a": 1}', bad_json=b"{")
    step = ReadJson(
        source="src/good.json", label="timing.json", code=Code.TIMING_INVALID, max_values=9, **COMMON
    )
    assert (await kitchen.does(step))[0] == {"value": {"a": 1}}
    bad = ReadJson(
        source="src/bad.json", label="timing.json", code=Code.TIMING_INVALID, max_values=9, **COMMON
    )
    with pytest.raises(BadInputError, match=r"timing\.json is not JSON") as caught:
        await kitchen.does(bad)
    assert caught.value.code is Code.TIMING_INVALID


async def test_inspect_and_thumbnail(kitchen: Kitchen) -> None:
    """Frames are inspected; one of them becomes a JPEG."""
    await kitchen.has(a_png=numbered_png(1))
    frames = (("src/a.png", "a.png", "0.png"),)
    inspected, folder = await kitchen.does(
        InspectFrames(frames=frames, max_pixels=9999, max_bytes=99_999, **COMMON)
    )
    assert inspected["size"] == [64, 64]
    assert not inspected["transparent"]
    assert inspected["tones"]["equal_share"] > 0.9
    assert (folder / "0.png").read_bytes() == numbered_png(1)
    step = Thumbnail(source="src/a.png", output="t.jpg", width=8, height=8, quality=90, **COMMON)
    made, folder = await kitchen.does(step)
    assert made == {"sizeBytes": (folder / "t.jpg").stat().st_size}


async def test_plain_picture(kitchen: Kitchen) -> None:
    """A picture becomes one that ffmpeg may see; a refusal names it as the step does."""
    await kitchen.has(a_png=numbered_png(1), b_png=b"nonsense")
    rest: dict[str, Any] = {"output": "mark.png", "label": "the mark", "max_pixels": 9999, "max_side": 32}
    made, folder = await kitchen.does(PlainPicture(source="src/a.png", **rest, **COMMON))
    assert made == {"width": 32, "height": 32}
    assert read_size((folder / "mark.png").read_bytes(), "it") == (32, 32)
    with pytest.raises(BadInputError, match="the mark is none that can be taken") as caught:
        await kitchen.does(PlainPicture(source="src/b.png", **rest, **COMMON))
    assert caught.value.code is Code.MEDIA_UNSUPPORTED


async def test_fetch_object(kitchen: Kitchen, tmp_path: Path) -> None:
    """What stands in the store becomes a file of the step's."""
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "sent.mp4").write_bytes(b"video")
    step = FetchObject(source=Target("b", "sent.mp4"), file="original", max_bytes=5, **COMMON)
    found, folder = await kitchen.does(step)
    assert found == {"sha256": hashlib.sha256(b"video").hexdigest(), "sizeBytes": 5}
    assert (folder / "original").read_bytes() == b"video"
    assert step.sources == ()


async def test_publish(kitchen: Kitchen, tmp_path: Path) -> None:
    """The object stands in the store, and the result says what and where."""
    await kitchen.has(v_mp4=b"video")
    target = Target("b", "tapes/x.mp4")
    step = Publish(
        source="src/v.mp4",
        artifact="video",
        target=target,
        content_type="video/mp4",
        is_public=True,
        **COMMON,
    )
    result, _ = await kitchen.does(step)
    assert (tmp_path / "store" / "tapes" / "x.mp4").read_bytes() == b"video"
    assert result["bucket"] == "b"
    assert result["key"] == "tapes/x.mp4"
    assert result["url"] == "https://example.com/tapes/x.mp4"
    assert result["contentType"] == "video/mp4"
    assert result["sizeBytes"] == 5
    shutil.rmtree(tmp_path / "store")
