"""What is special about folders as a store."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings

from oven.adapters.storage.local import LocalStorage
from oven.domain.errors import Code, OvenError
from oven.recipes.steps import Target
from tests.strategies import KEYS


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A file stands where the bucket's folder should be."""
    (tmp_path / "file").write_bytes(b"")
    storage = LocalStorage(buckets={"b": tmp_path / "file" / "folder"})
    with pytest.raises(OvenError) as caught:
        async with storage.stage(Target("b", "a"), content_type="video/mp4", is_public=True):
            pass
    assert caught.value.code is Code.STORAGE_DENIED


async def test_a_long_name_has_room_for_its_temporary_one(tmp_path: Path) -> None:
    """The name while it is written is no longer than file systems allow."""
    storage = LocalStorage(buckets={"b": tmp_path})
    source = tmp_path / "source"
    source.write_bytes(b"x")
    name = "n" * 255
    async with storage.stage(Target("b", name), content_type="video/mp4", is_public=True) as staged:
        await staged.write(source)
        await staged.commit()
    assert (tmp_path / name).read_bytes() == b"x"


async def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    """By the next object of that name; what a living one writes is not."""
    storage = LocalStorage(buckets={"b": tmp_path})
    left = tmp_path / ".a.mp4.0123456789abcdef.part"
    left.write_bytes(b"half")
    target = Target("b", "a.mp4")
    async with storage.stage(target, content_type="video/mp4", is_public=True):
        assert not left.exists()
        async with storage.stage(target, content_type="video/mp4", is_public=True):
            assert len(list(tmp_path.iterdir())) == 2
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=500)
@given(KEYS)
def test_any_key_stays_below_its_bucket(key: str) -> None:
    """Wherever it points: refused, or a place below the folder."""
    storage = LocalStorage(buckets={"b": Path("/srv/b")}, private=Path("/srv/private"))
    for is_public, folder in ((True, "/srv/b"), (False, "/srv/private/b")):
        try:
            place = storage.locate(Target("b", key), is_public=is_public)
        except OvenError as error:
            assert error.code is Code.STORAGE_DENIED
            continue
        assert Path(os.path.normpath(place)).is_relative_to(folder)
        assert str(place) != folder
        assert "\0" not in str(place)
