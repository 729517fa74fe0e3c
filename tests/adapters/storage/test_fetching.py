"""Objects that become files of this machine."""

import tempfile
from functools import partial
from pathlib import Path

import anyio
import pytest

from oven.adapters.storage.fetching import open_fetched, take_from_folder
from oven.domain.errors import Code, OvenError


async def take(place: Path, into: Path) -> None:
    await anyio.to_thread.run_sync(partial(take_from_folder, place, into, 99, lambda _: None))


async def test_a_folder_on_the_same_disk(tmp_path: Path) -> None:
    """Nothing is copied."""
    (tmp_path / "object").write_bytes(b"x")
    await take(tmp_path / "object", tmp_path / "into")
    assert (tmp_path / "into").samefile(tmp_path / "object")


async def test_a_folder_on_another_disk(tmp_path: Path) -> None:
    """It is copied."""
    (tmp_path / "object").write_bytes(b"x")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
        assert Path(other).stat().st_dev != tmp_path.stat().st_dev
        await take(tmp_path / "object", Path(other) / "into")
        assert (Path(other) / "into").read_bytes() == b"x"


async def test_a_disk_that_is_full(tmp_path: Path) -> None:
    """Is told as such, also where it shows at the end."""
    full = tmp_path / "full"
    full.symlink_to("/dev/full")
    for chunk in (b"x", b"x" * 1_000_000):
        with pytest.raises(OvenError) as caught:
            async with open_fetched(full) as fetched:
                await fetched.write(chunk)
        assert caught.value.code is Code.DISK_FULL
