"""A file that is read behind its writer."""

from pathlib import Path

import anyio
import pytest

from oven.adapters.storage.following import follow
from oven.domain.errors import Code, OvenError, TransientError
from oven.pipeline.growing import Growing


async def test_it_waits_for_whole_parts(tmp_path: Path) -> None:
    """Nothing is given before all of a part, or the end, is there."""
    file, growing, read = tmp_path / "file", Growing(), []

    async def collect() -> None:
        async with follow(file, growing) as following:
            while part := await following.read(4):
                read.append(part)

    async with anyio.create_task_group() as group:
        group.start_soon(collect)
        for there, wanted in ((b"abc", []), (b"abcdefghi", [b"abcd", b"efgh"])):
            file.write_bytes(there)
            growing.grow(len(there))
            await anyio.wait_all_tasks_blocked()
            assert read == wanted
        growing.end()
    assert read == [b"abcd", b"efgh", b"i"]


async def test_what_is_not_promised_is_not_read(tmp_path: Path) -> None:
    """The writer may be in the middle of it."""
    (tmp_path / "file").write_bytes(b"abcdef")
    async with follow(tmp_path / "file", Growing(size_bytes=3, is_whole=True)) as following:
        assert (await following.read(9), await following.read(9)) == (b"abc", b"")
        assert await following.is_at_end()


async def test_one_that_becomes_shorter(tmp_path: Path) -> None:
    """Is told at once, and may be whole the next time."""
    (tmp_path / "file").write_bytes(b"abc")
    with pytest.raises(TransientError) as caught:
        async with follow(tmp_path / "file", Growing(size_bytes=4)) as following:
            await following.read(4)
    assert caught.value.code is Code.UPLOAD_FAILED


async def test_one_that_is_not_there(tmp_path: Path) -> None:
    """In Oven's words."""
    with pytest.raises(OvenError, match="reading the file to store"):
        async with follow(tmp_path / "none", None):
            pass
