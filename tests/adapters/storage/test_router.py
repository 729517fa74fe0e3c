"""Several stores as one."""

from pathlib import Path

import pytest

from oven.adapters.storage.local import LocalStorage
from oven.adapters.storage.router import StorageRouter
from oven.domain.errors import OvenError
from oven.recipes.steps import Target


async def test_each_bucket_has_its_store(tmp_path: Path) -> None:
    """And what becomes of its objects is that store's affair."""
    router = StorageRouter(
        stores={
            name: LocalStorage(buckets={name: tmp_path / name}, base_url=f"https://{name}") for name in "ab"
        }
    )
    assert [router.url(Target(name, "k")) for name in "ab"] == ["https://a/k", "https://b/k"]
    assert router.ends_with_jobs(Target("a", "k"))
    # A bucket that was taken out of the settings keeps what is in it.
    assert not router.ends_with_jobs(Target("gone", "k"))


async def test_all_are_looked_at(tmp_path: Path) -> None:
    """One that fails is told."""
    (tmp_path / "file").touch()
    good = LocalStorage(buckets={"a": tmp_path / "a"})
    bad = LocalStorage(buckets={"b": tmp_path / "file" / "b"})
    await StorageRouter(stores={"a": good}).check()
    with pytest.raises(OvenError):
        await StorageRouter(stores={"a": good, "b": bad}).check()
