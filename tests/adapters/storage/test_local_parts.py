"""Uploads in parts on this machine: what goes wrong in between."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from urllib.parse import parse_qsl

import anyio
import pytest

from oven.adapters.storage.local import LocalStorage
from oven.adapters.storage.local_parts import LocalParts
from oven.domain.errors import Code, NotFoundError, OvenError, TooLargeError, TransientError
from oven.domain.parts import MAX_PART_BYTES, SMALLEST_PART_BYTES
from oven.recipes.steps import Target

TARGET = Target("b", "k")


@pytest.fixture
def parts(tmp_path: Path) -> LocalParts:
    return LocalParts(folder=tmp_path / "uploads", link_key=b"key", now_s=lambda: 1_000)


async def some(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def query_of(parts: LocalParts, upload_id: str, number: int = 1) -> Mapping[str, str]:
    return dict(parse_qsl(parts.sign(TARGET, upload_id, number, expires_s=60)))


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


async def test_a_part_that_is_too_large(parts: LocalParts) -> None:
    """Is given up at the limit, and leaves nothing; one of just as much is taken."""
    upload_id = parts.begin(TARGET)
    whole = [b"x" * (MAX_PART_BYTES // 8)] * 8
    with pytest.raises(TooLargeError) as caught:
        await parts.take("k", query_of(parts, upload_id), some(*whole, b"x"))
    assert caught.value.code is Code.UPLOAD_TOO_LARGE
    assert files_in(parts.folder) == {f"{upload_id}.json"}
    await parts.take("k", query_of(parts, upload_id), some(*whole))
    assert files_in(parts.folder) == {f"{upload_id}.json", "00001"}


async def test_an_upload_that_ends_while_a_part_comes(parts: LocalParts) -> None:
    """Takes the part with it, wherever that was; the next sweep finds the rest."""
    upload_id = parts.begin(TARGET)

    async def ending() -> AsyncIterator[bytes]:
        yield b"some"
        parts.drop(upload_id)
        yield b"more"

    with pytest.raises(NotFoundError, match="this upload is over"):
        await parts.take("k", query_of(parts, upload_id), ending())
    assert files_in(parts.folder) == set()
    (parts.folder / upload_id).mkdir(exist_ok=True)
    assert parts.uploads() == {}
    assert list(parts.folder.iterdir()) == []


async def test_an_upload_that_ends_just_before_a_part_is_whole(parts: LocalParts) -> None:
    """Is over: nobody is told that the part is here."""
    upload_id = parts.begin(TARGET)

    async def ending() -> AsyncIterator[bytes]:
        yield b"some"
        # Ending begins with this.
        (parts.folder / f"{upload_id}.json").unlink()

    with pytest.raises(NotFoundError, match="this upload is over"):
        await parts.take("k", query_of(parts, upload_id), ending())
    assert parts.uploads() == {}
    assert files_in(parts.folder) == set()


async def test_a_sender_that_is_stopped(parts: LocalParts) -> None:
    """Leaves nothing."""
    upload_id, begun = parts.begin(TARGET), anyio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"some"
        begun.set()
        await anyio.sleep_forever()

    async with anyio.create_task_group() as group:
        group.start_soon(parts.take, "k", query_of(parts, upload_id), endless())
        await begun.wait()
        group.cancel_scope.cancel()
    assert files_in(parts.folder) == {f"{upload_id}.json"}


async def test_a_part_that_is_replaced_while_all_are_joined(parts: LocalParts, tmp_path: Path) -> None:
    """Makes no object of the wrong size; ending again does it right."""
    upload_id = parts.begin(TARGET)
    for number, data in ((1, b"x" * SMALLEST_PART_BYTES), (2, b"end")):
        await parts.take("k", query_of(parts, upload_id, number), some(data))
    place = tmp_path / "object"

    def join() -> int | None:
        return parts.join(TARGET, upload_id, place, max_bytes=1 << 30)

    # Its directory tells another size than it has to be read.
    second = parts.folder / upload_id / "00002"
    second.unlink()
    second.symlink_to("/proc/self/status")
    with pytest.raises(TransientError) as caught:
        await anyio.to_thread.run_sync(join)
    assert caught.value.code is Code.UPLOAD_VERIFY_FAILED
    assert files_in(tmp_path) == {f"{upload_id}.json", "00001", "00002"}
    await parts.take("k", query_of(parts, upload_id, 2), some(b"end"))
    assert await anyio.to_thread.run_sync(join) == SMALLEST_PART_BYTES + 3
    assert files_in(tmp_path) == {"object"}


async def test_an_upload_of_another_object(parts: LocalParts, tmp_path: Path) -> None:
    """Is not joined under this one's name."""
    upload_id = parts.begin(TARGET)
    assert parts.join(Target("b", "other"), upload_id, tmp_path / "object", max_bytes=9) is None


def test_a_record_that_is_damaged(parts: LocalParts) -> None:
    """Ends the upload, which nobody could end otherwise."""
    upload_id = parts.begin(TARGET)
    (parts.folder / f"{upload_id}.json").write_bytes(b"\0\0\0")
    assert parts.uploads() == {}
    assert files_in(parts.folder) == set()


async def test_a_machine_without_a_folder_for_them(tmp_path: Path) -> None:
    """Takes no uploads."""
    storage = LocalStorage(buckets={"b": tmp_path})
    with pytest.raises(OvenError) as caught:
        await storage.begin_parts(TARGET, content_type="video/mp4")
    assert caught.value.code is Code.STORAGE_DENIED


async def test_links_to_read_are_none_to_write(tmp_path: Path) -> None:
    """Nor the other way round."""
    storage = LocalStorage(
        buckets={"b": tmp_path}, private=tmp_path / "p", link_key=b"k", now_s=lambda: 1_000
    )
    upload_id = await storage.begin_parts(TARGET, content_type="video/mp4")
    link = await storage.presign_part(TARGET, upload_id, 1, expires_s=60)
    with pytest.raises(NotFoundError):
        storage.open_link("k", dict(parse_qsl(link.partition("?")[2])))
    reading = dict(parse_qsl((await storage.presign(TARGET, expires_s=60)).partition("?")[2]))
    with pytest.raises(NotFoundError):
        await storage.take_part("k", reading | {"upload": upload_id, "part": "1"}, some(b"x"))
