"""What every store promises, run on each implementation."""

import hashlib
from pathlib import Path

import pytest

from oven.adapters.storage.local import LocalStorage
from oven.domain.errors import OvenError
from oven.pipeline.ports import Storage, StoredObject
from oven.recipes.plan import Target

TARGET = Target("results", "tapes/auth0|1/a b.mp4")


class LocalCase:
    """A store in a folder, and what stands in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.storage: Storage = LocalStorage(buckets={"results": root})

    def objects(self) -> dict[str, bytes]:
        return {str(f.relative_to(self.root)): f.read_bytes() for f in self.root.rglob("*") if f.is_file()}


@pytest.fixture(params=[LocalCase])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> LocalCase:
    made: LocalCase = request.param(tmp_path / "store")
    return made


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "source"
    file.write_bytes(b"video" * 1_000_000)
    return file


async def put(case: LocalCase, source: Path, target: Target = TARGET) -> StoredObject:
    async with case.storage.stage(target, content_type="video/mp4", is_public=True) as staged:
        await staged.write(source)
        return await staged.commit()


async def test_an_object_arrives_whole(case: LocalCase, source: Path) -> None:
    """With its size and checksum, and nothing beside it."""
    stored = await put(case, source)
    assert stored == StoredObject(
        size_bytes=5_000_000, sha256=hashlib.sha256(source.read_bytes()).hexdigest()
    )
    assert case.objects() == {TARGET.key: source.read_bytes()}


async def test_nothing_is_seen_before_the_commit(case: LocalCase, source: Path) -> None:
    """Not under its key."""
    async with case.storage.stage(TARGET, content_type="video/mp4", is_public=True) as staged:
        await staged.write(source)
        assert TARGET.key not in case.objects()
        await staged.commit()
    assert TARGET.key in case.objects()


async def test_leaving_without_a_commit_leaves_nothing(case: LocalCase, source: Path) -> None:
    """By an error or without one."""
    with pytest.raises(RuntimeError):
        async with case.storage.stage(TARGET, content_type="video/mp4", is_public=True) as staged:
            await staged.write(source)
            raise RuntimeError
    async with case.storage.stage(TARGET, content_type="video/mp4", is_public=True):
        pass
    assert case.objects() == {}


async def test_a_newer_object_replaces_an_older(case: LocalCase, source: Path) -> None:
    """And an aborted one does not."""
    await put(case, source)
    source.write_bytes(b"newer")
    async with case.storage.stage(TARGET, content_type="video/mp4", is_public=True) as staged:
        await staged.write(source)
    assert len(case.objects()[TARGET.key]) == 5_000_000
    await put(case, source)
    assert case.objects() == {TARGET.key: b"newer"}


@pytest.mark.parametrize("key", ["", "/etc/x", "../x", "a/../../x", "a\0b"])
async def test_keys_that_lead_elsewhere(case: LocalCase, source: Path, key: str) -> None:
    """Refused; a key is a place below its bucket."""
    with pytest.raises(OvenError):
        await put(case, source, Target("results", key))
    assert case.objects() == {}


async def test_an_unknown_bucket(case: LocalCase, source: Path) -> None:
    """Refused by name."""
    with pytest.raises(OvenError, match="no bucket named elsewhere"):
        await put(case, source, Target("elsewhere", "a"))
