"""Files that grow on the disk; what feeds them stands in test_fetch and test_resuming."""

from pathlib import Path

import pytest

from oven.adapters.download import Download, open_download
from oven.domain.errors import Code, OvenError
from oven.pipeline.growing import Growing
from tests.breaking import Length, breaking, give
from tests.fetching import fetch

OPEN = Path("/proc/self/fd")


async def begin(into: Path) -> Download:
    async with open_download(
        into, label="the video", max_bytes=9, growing=None, report=lambda _: None
    ) as download:
        return download


async def test_a_full_disk() -> None:
    """Is told by name, and is not taken for the host's fault: nobody asks again."""
    async with breaking(bytes(100_000), give()) as host:
        with pytest.raises(OvenError) as caught:
            await fetch(host, Path("/dev/full"))
    assert (caught.value.code, caught.value.retryable) == (Code.DISK_FULL, True)
    assert caught.value.message == "the disk is full while fetching the video"
    assert len(host.asked) == 1
    assert host.growing.size_bytes == 0


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """Is the operator's, and told before anybody is asked."""
    async with breaking(b"", give()) as host:
        with pytest.raises(OvenError) as caught:
            await fetch(host, tmp_path / "none" / "f")
    assert caught.value.code is Code.STORAGE_DENIED
    assert caught.value.message == "no such file or directory while fetching the video"
    assert host.asked == []


@pytest.mark.parametrize("length", Length)
async def test_an_empty_file(tmp_path: Path, length: Length) -> None:
    """Is one, however its end is told."""
    async with breaking(b"", give(length=length)) as host:
        assert (await fetch(host, tmp_path / "f"))["sizeBytes"] == 0
    assert (tmp_path / "f").read_bytes() == b""


async def test_it_is_let_go(tmp_path: Path) -> None:
    """No file stays open, whether it came or not."""
    before = len(list(OPEN.iterdir()))
    assert (await begin(tmp_path / "f")).file.closed
    with pytest.raises(ZeroDivisionError):
        async with open_download(
            tmp_path / "f", label="", max_bytes=9, growing=Growing(), report=lambda _: None
        ):
            raise ZeroDivisionError
    assert len(list(OPEN.iterdir())) == before


async def test_progress(tmp_path: Path) -> None:
    """Is told as a share of the whole file, over a break; never where the size is unknown."""
    for length, first in ((Length.TOLD, 0.25), (Length.CHUNKED, 0.75)):
        shares: list[float] = []
        async with breaking(bytes(4000), give(2000, length=length), give()) as host:
            await fetch(host, tmp_path / "f", report=shares.append)
        assert shares == sorted(shares)
        assert shares[0] >= first
        assert shares[-1] == 1
