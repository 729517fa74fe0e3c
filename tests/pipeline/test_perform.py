"""Each kind of step, carried out with real tools."""

import hashlib
import shutil
from collections.abc import AsyncIterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from oven import app
from oven.adapters.storage.local import LocalStorage
from oven.adapters.workspace import FolderWorkspace
from oven.domain.errors import BadInputError, Code, FaultError
from oven.pipeline.attempt import unfenced
from oven.pipeline.bench import Bench
from oven.pipeline.perform import perform
from oven.pipeline.ports import Tools
from oven.pipeline.staging import Staging
from oven.recipes.plan import Result
from oven.recipes.steps import (
    Encode,
    Extract,
    FetchObject,
    InspectFrames,
    Link,
    ListArchive,
    Probe,
    Publish,
    ReadJson,
    Step,
    TakeLocal,
    Target,
    Thumbnail,
)
from oven.settings import Settings
from tests.tapes import numbered_png, wav, write_zip

COMMON: dict[str, Any] = {"name": "it", "phase": "p"}


class Kitchen:
    """One job's workspace, into which files are put as if a step had made them."""

    def __init__(self, tools: Tools, root: Path) -> None:
        self.tools = tools
        self.workspace = FolderWorkspace(root / "work", job="j", token="t")
        self.staging = Staging(storage=tools.storage, files=tools.files)

    async def has(self, **files: bytes) -> None:
        """Put files, whose names have _ for a dot, into the finished step `src`."""
        folder = await self.workspace.begin("src")
        for name, data in files.items():
            (folder / name.replace("_", ".")).write_bytes(data)
        await self.workspace.keep("src", "digest", {})

    async def does(self, step: Step) -> tuple[Result, Path]:
        folder = await self.workspace.begin(step.name)
        bench = Bench(
            folder=folder,
            workspace=self.workspace,
            report=lambda *_: None,
            say=lambda _: None,
            confirm=unfenced,
            staging=self.staging,
            span=lambda _: nullcontext(),
        )
        return await perform(step, self.tools, bench), folder


@pytest.fixture
async def kitchen(settings: Settings, tmp_path: Path) -> AsyncIterator[Kitchen]:
    """A kitchen, whose staged objects are closed at the end, as an attempt closes its own."""
    storage = LocalStorage(buckets={"b": tmp_path / "store"}, base_url="https://example.com")
    kitchen = Kitchen(await app.tools_of(settings, storage), tmp_path)
    async with kitchen.staging.open():
        yield kitchen


async def test_take_list_extract(kitchen: Kitchen, tmp_path: Path) -> None:
    """From a path to files under names of ours."""
    tape = write_zip(tmp_path / "tape.zip", {"x/a.txt": b"alpha"})
    _, folder = await kitchen.does(TakeLocal(path=str(tape), file="tape.zip", max_bytes=9999, **COMMON))
    await kitchen.has(tape_zip=(folder / "tape.zip").read_bytes())
    bounds: dict[str, Any] = {"archive": "src/tape.zip", "max_unpacked_bytes": 99}
    listed, _ = await kitchen.does(ListArchive(max_entries=9, **bounds, **COMMON))
    assert listed == {"entries": ["x/a.txt"]}
    extracted, folder = await kitchen.does(Extract(entries=(("x/a.txt", "1"),), **bounds, **COMMON))
    assert extracted == {"sizeBytes": 5}
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
    assert inspected == {"size": [64, 64], "transparent": False}
    assert (folder / "0.png").read_bytes() == numbered_png(1)
    step = Thumbnail(source="src/a.png", output="t.jpg", width=8, height=8, quality=90, **COMMON)
    made, folder = await kitchen.does(step)
    assert made == {"sizeBytes": (folder / "t.jpg").stat().st_size}


async def test_encode_leaves_only_its_output(kitchen: Kitchen) -> None:
    """Linked sources are gone afterwards; the sources themselves stand."""
    await kitchen.has(a_wav=wav(0.1))
    step = Encode(
        links=(Link("src/a.wav", "in/sound.bin"),),
        arguments=("-v", "error", "-f", "wav", "-i", "file:in/sound.bin", "out.m4a"),
        output="out.m4a",
        frames=1,
        timeout_s=30,
        stall_s=30,
        memory_bytes=1 << 31,
        threads=2,
        **COMMON,
    )
    made, folder = await kitchen.does(step)
    assert [file.name for file in folder.iterdir()] == ["out.m4a"]
    assert made["sizeBytes"] > 0
    assert made["ffmpeg"] == kitchen.tools.encoder.version
    assert kitchen.workspace.locate("src/a.wav").exists()


async def test_probe(kitchen: Kitchen) -> None:
    """Ffprobe's facts; an unreadable file has the code that the step names."""
    await kitchen.has(a_wav=wav(0.1), b_wav=b"nonsense")
    rest: dict[str, Any] = {"label": "the sound", "demuxer": "wav", "sound_s": 9, **COMMON}
    found, _ = await kitchen.does(Probe(source="src/a.wav", broken=Code.AUDIO_INVALID, **rest))
    assert found["streams"][0]["codec_type"] == "audio"
    with pytest.raises(BadInputError, match="the sound cannot be read") as caught:
        await kitchen.does(Probe(source="src/b.wav", broken=Code.AUDIO_INVALID, **rest))
    assert caught.value.code is Code.AUDIO_INVALID
    with pytest.raises(FaultError):
        await kitchen.does(Probe(source="src/b.wav", broken=Code.OUTPUT_INVALID, **rest))


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
