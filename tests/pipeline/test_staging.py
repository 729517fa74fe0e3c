"""What an attempt has begun to store."""

from pathlib import Path

import pytest

from oven.adapters.files import LocalFiles
from oven.adapters.storage.local import LocalStorage
from oven.domain.errors import FaultError
from oven.pipeline.growing import Growing
from oven.pipeline.staging import Staging
from oven.recipes.steps import Target, Tee

HERE, THERE = Target("b", "here"), Target("b", "there")


def staging(folder: Path) -> Staging:
    return Staging(storage=LocalStorage(buckets={"b": folder}), files=LocalFiles(max_copied_bytes=0))


def whole(size_bytes: int) -> Growing:
    growing = Growing()
    growing.grow(size_bytes)
    growing.end()
    return growing


async def test_what_one_step_sends_another_lets_appear(tmp_path: Path) -> None:
    """Once, and where it was meant for; what was not committed is gone with the attempt."""
    source, out = tmp_path / "source", tmp_path / "out"
    source.write_bytes(b"film")
    held = staging(out)
    async with held.open():
        for target in (HERE, THERE):
            await held.follow(Tee(target=target, is_public=True), source, whole(4))
        assert held.held(Target("b", "elsewhere")) is None
        staged = held.held(HERE)
        assert staged is not None
        assert held.held(HERE) is None
        assert (await staged.commit()).size_bytes == 4
    assert [file.name for file in out.iterdir()] == ["here"]


async def test_what_broke_off_is_not_held(tmp_path: Path) -> None:
    """Who publishes it sends it again."""
    held = staging(tmp_path / "out")
    async with held.open():
        with pytest.raises(FaultError):
            await held.follow(Tee(target=Target("none", "k"), is_public=True), tmp_path / "source", whole(0))
        assert held.held(Target("none", "k")) is None
