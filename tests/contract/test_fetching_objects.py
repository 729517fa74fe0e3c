"""What every store promises of objects that are brought to this machine."""

import hashlib
from pathlib import Path

import pytest

from oven.domain.errors import BadInputError, Code, OvenError
from oven.recipes.steps import Target
from tests.contract.test_storage import BUCKET, TARGET, Case, case, put

__all__ = ["case"]


@pytest.mark.parametrize("is_public", [True, False])
@pytest.mark.parametrize("size_bytes", [0, 5, 3_000_001])
async def test_an_object_comes_whole(case: Case, tmp_path: Path, size_bytes: int, *, is_public: bool) -> None:
    """With its checksum and size, public or not; how far it is, is told on the way."""
    (tmp_path / "source").write_bytes(b"x" * size_bytes)
    stored = await put(case, tmp_path / "source", is_public=is_public)
    told: list[float] = []
    found = await case.storage.fetch(TARGET, tmp_path / "into", max_bytes=size_bytes, report=told.append)
    assert found == {"sha256": stored.sha256, "sizeBytes": size_bytes}
    assert hashlib.sha256((tmp_path / "into").read_bytes()).hexdigest() == stored.sha256
    assert told == sorted(told)
    assert told[-1:] == ([1] if size_bytes else [])


async def test_what_was_fetched_stays(case: Case, tmp_path: Path) -> None:
    """Whatever becomes of the object."""
    for text in (b"first", b"second"):
        (tmp_path / "source").write_bytes(text)
        await put(case, tmp_path / "source")
        if text == b"first":
            await case.storage.fetch(TARGET, tmp_path / "into", max_bytes=9, report=lambda _: None)
    await case.storage.delete(TARGET)
    assert (tmp_path / "into").read_bytes() == b"first"


async def test_one_that_is_too_large(case: Case, tmp_path: Path) -> None:
    """Is refused with the limit."""
    (tmp_path / "source").write_bytes(b"x" * 1_001)
    await put(case, tmp_path / "source")
    with pytest.raises(BadInputError, match="more than 1,000 bytes") as caught:
        await case.storage.fetch(TARGET, tmp_path / "into", max_bytes=1_000, report=lambda _: None)
    assert caught.value.code is Code.DOWNLOAD_TOO_LARGE


async def test_one_that_is_gone(case: Case, tmp_path: Path) -> None:
    """Is no fault of ours, and not tried again; nor one beneath another."""
    (tmp_path / "source").write_bytes(b"x")
    await put(case, tmp_path / "source", Target(BUCKET, "a/b"))
    for key in ("none", "a", "a/b/c"):
        with pytest.raises(OvenError) as caught:
            await case.storage.fetch(
                Target(BUCKET, key), tmp_path / key.replace("/", "-"), max_bytes=9, report=lambda _: None
            )
        assert isinstance(caught.value, BadInputError)
        assert caught.value.code is Code.NOT_FOUND
