"""Composition: what is put together from settings."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import anyio
import pytest

from oven import app
from oven.adapters.storage.local import LocalStorage
from oven.pipeline.budget import Budget
from oven.recipes.steps import Target
from oven.recipes.tape import TapeRequest
from oven.settings import Settings, read_settings
from tests.tapes import small_entries, write_zip


def test_limits_follow_the_settings() -> None:
    """Each of them."""
    given = {
        "OVEN_MAX_ZIP_BYTES": "1",
        "OVEN_MAX_UNPACKED_BYTES": "2",
        "OVEN_MAX_FRAMES": "3",
        "OVEN_MAX_TAPE_S": "4",
        "OVEN_MAX_FRAME_PIXELS": "5",
        "OVEN_BAKE_TIMEOUT_S": "6",
        "OVEN_ENCODE_STALL_S": "7",
        "OVEN_ENCODER_THREADS": "8",
        "OVEN_BAKE_SCALE": "9",
        "OVEN_BAKE_QUALITY": "10",
        "OVEN_BLOB_LIMIT_BYTES": "11",
        "MAX_VIDEO_UPLOAD_SIZE": "12",
        "OVEN_IMPORT_TIMEOUT_S": "13",
        "OVEN_IMAGE_TIMEOUT_S": "14",
        "OVEN_MAX_IMAGE_PIXELS": "15",
        "VIDEO_PROCESSING_TIMEOUT": "16000",
        "OVEN_SHORT_TIMEOUT_S": "17",
        "OVEN_SHORT_KEEP_HOURS": "18",
    }
    limits = app.limits_of(read_settings(given))
    found = [getattr(limits, name) for name in limits.__dataclass_fields__]
    assert found == [*range(1, 18), 18 * 3_600]


@pytest.mark.parametrize("name", ["out.mp4", "a b ü.mp4"])
def test_local_targets(name: str, tmp_path: Path) -> None:
    """A file's name is its key, its folder the bucket's."""
    target, folder = app.local_target("video", tmp_path / name)
    assert (target.bucket, target.key, folder) == ("video", name, tmp_path)


@dataclass
class Encodes:
    """The real encoder, watched: how many encodes ran at once; each waits until so many have `together`."""

    real: Any
    together: int = 1
    running: int = 0
    most: int = 0
    gate: anyio.Event = field(default_factory=anyio.Event)

    async def encode(self, *about: Any, **more: Any) -> float:
        self.running += 1
        self.most = max(self.most, self.running)
        if self.running >= self.together:
            self.gate.set()
        with anyio.fail_after(30):
            await self.gate.wait()
        try:
            seconds: float = await self.real.encode(*about, **more)
        finally:
            self.running -= 1
        return seconds

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


@pytest.mark.parametrize(("budget_mib", "together"), [(70, 1), (1_000, 2)])
async def test_two_bakes_share_the_memory(
    budget_mib: int, together: int, tmp_path: Path, settings: Settings
) -> None:
    """With room for one they encode one after the other; with room for both each waits for the other."""
    tape = write_zip(tmp_path / "tape.zip", small_entries())
    budget = Budget(total_bytes=budget_mib << 20)
    tools = await app.tools_of(settings, LocalStorage(buckets={"video": tmp_path / "out"}))
    encodes = Encodes(tools.encoder, together)
    async with anyio.create_task_group() as group:
        for number in range(2):
            asked = TapeRequest(path=str(tape), video=Target("video", f"{number}.mp4"))
            watched = replace(tools, encoder=encodes, budget=budget)
            group.start_soon(app.bake_with, watched, settings, asked, lambda _: None)
    assert encodes.most == together
    assert budget.held_bytes == 0
    assert len(list((tmp_path / "out").iterdir())) == 2
