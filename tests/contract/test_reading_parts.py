"""What every store promises of objects that are read in parts, or linked."""

from pathlib import Path

import pytest

from oven.domain.errors import BadInputError, Code, TransientError
from oven.recipes.steps import Target
from tests.contract.test_storage import BUCKET, BYTES, TARGET, Case, LocalCase, case, put

__all__ = ["case"]


@pytest.mark.parametrize("is_public", [True, False])
async def test_some_bytes(case: Case, tmp_path: Path, *, is_public: bool) -> None:
    """Just those, up to the end at most, and how many there are."""
    (tmp_path / "source").write_bytes(b"0123456789")
    await put(case, tmp_path / "source", is_public=is_public)
    first = await case.storage.read(TARGET, start=0, length=3)
    last = await case.storage.read(TARGET, start=8, length=100, version=first.version)
    assert (first.data, last.data) == (b"012", b"89")
    assert first.object_bytes == last.object_bytes == 10
    assert first.version == last.version


async def test_another_object(case: Case, tmp_path: Path) -> None:
    """Is not taken for the one that was read before; nor is there a byte after the end."""
    for text in (b"first", b"other"):
        (tmp_path / "source").write_bytes(text)
        await put(case, tmp_path / "source")
        if text == b"first":
            version = (await case.storage.read(TARGET, start=0, length=2)).version
    for start, wanted in ((2, version), (5, "")):
        with pytest.raises(TransientError) as caught:
            await case.storage.read(TARGET, start=start, length=2, version=wanted)
        assert caught.value.code is Code.DOWNLOAD_CHANGED


async def test_an_object_that_is_gone(case: Case, tmp_path: Path) -> None:
    """Is no fault of ours, and not tried again."""
    with pytest.raises(BadInputError) as caught:
        await case.storage.read(Target(BUCKET, "none"), start=0, length=1)
    assert caught.value.code is Code.NOT_FOUND
    if isinstance(case, LocalCase):
        with pytest.raises(BadInputError, match="not in the store"):
            await case.storage.link(Target(BUCKET, "none"), tmp_path / "into")


async def test_a_link(case: Case, tmp_path: Path) -> None:
    """Stands for an object of this machine without a copy, whatever becomes of that."""
    (tmp_path / "source").write_bytes(BYTES)
    await put(case, tmp_path / "source")
    is_linked = await case.storage.link(TARGET, tmp_path / "into")
    assert is_linked is isinstance(case, LocalCase)
    await case.storage.delete(TARGET)
    assert (tmp_path / "into").exists() is is_linked
    assert not is_linked or (tmp_path / "into").read_bytes() == BYTES
