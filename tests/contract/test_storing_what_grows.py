"""What every store promises of a file that is still being written while it is stored."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import pytest

from oven.adapters.storage.s3_object import MULTIPART_BYTES
from oven.pipeline.growing import Growing
from oven.pipeline.storage import StoredObject
from tests.contract.test_storage import BUCKET, TARGET, Case, LocalCase, S3Case, case

__all__ = ["case"]

# What stores answer badly is the same for files that stand whole, and proved with those.
pytestmark = pytest.mark.parametrize("case", ["local", "s3"], indirect=True)

PATTERN = bytes(range(251))


@dataclass(slots=True)
class Asked(Growing):
    """Tells when somebody asks for more than so many bytes: those before were dealt with."""

    beyond_bytes: int = 0
    asked: anyio.Event = field(default_factory=anyio.Event)

    async def reach(self, size_bytes: int) -> int:
        if size_bytes > self.beyond_bytes and self.size_bytes >= self.beyond_bytes:
            self.asked.set()
        # Not super(): the class that `slots` makes is another one.
        return await Growing.reach(self, size_bytes)


def bytes_of(size_bytes: int) -> bytes:
    return (PATTERN * (size_bytes // len(PATTERN) + 1))[:size_bytes]


async def write_slowly(file: Path, growing: Growing, chunks: list[int]) -> None:
    """Write a file in chunks of such sizes, and say each time how far it can be read."""
    written, whole = 0, bytes_of(sum(chunks))
    with file.open("wb", buffering=0) as opened:
        for chunk in chunks:
            opened.write(whole[written : written + chunk])
            written += chunk
            growing.grow(written)
            await anyio.lowlevel.checkpoint()
    growing.end()


@pytest.mark.parametrize(
    "chunks",
    [
        [],
        [1],
        [7, 1, 8_191],
        [MULTIPART_BYTES],
        [MULTIPART_BYTES - 1, 1],
        [MULTIPART_BYTES, 1],
        [999_983] * 18,
        [3, 2 * MULTIPART_BYTES - 3],
    ],
    ids=["nothing", "one byte", "small", "one part", "one part in two", "one more", "odd", "two parts"],
)
async def test_it_arrives_whole(case: Case, tmp_path: Path, chunks: list[int]) -> None:
    """However it grows, with its size and checksum."""
    growing, whole = Growing(), bytes_of(sum(chunks))
    async with case.storage.stage(TARGET, content_type="video/mp4", is_public=True) as staged:
        async with anyio.create_task_group() as group:
            group.start_soon(write_slowly, tmp_path / "source", growing, chunks)
            await staged.write(tmp_path / "source", growing)
        assert await case.storage.size_bytes(TARGET) is None
        stored = await staged.commit()
    assert stored == StoredObject(
        size_bytes=len(whole), sha256=hashlib.sha256(whole).hexdigest(), version=stored.version
    )
    assert await case.objects() == {TARGET.key: whole}


async def begun_bytes(case: Case) -> int:
    """Tell how much of an object that nobody sees yet is at its store."""
    if isinstance(case, LocalCase):
        return sum(file.stat().st_size for file in case.root.rglob(".*.part"))
    assert isinstance(case, S3Case)
    (upload,) = (await case.client.list_multipart_uploads(Bucket=BUCKET))["Uploads"]
    place = {"Bucket": BUCKET, "Key": upload["Key"], "UploadId": upload["UploadId"]}
    return sum(part["Size"] for part in (await case.client.list_parts(**place)).get("Parts", []))


async def test_the_first_part_is_sent_before_the_last_is_written(case: Case, tmp_path: Path) -> None:
    """So both take as long as the longer of them."""
    file, growing = tmp_path / "source", Asked(beyond_bytes=MULTIPART_BYTES + 1)
    whole = bytes_of(MULTIPART_BYTES + 2)
    async with case.storage.stage(TARGET, content_type="video/mp4", is_public=True) as staged:
        async with anyio.create_task_group() as group:
            file.write_bytes(whole[:-1])
            growing.grow(len(whole) - 1)
            group.start_soon(staged.write, file, growing)
            with anyio.fail_after(20):
                await growing.asked.wait()
                # It may still be on its way.
                while await begun_bytes(case) < MULTIPART_BYTES:
                    await anyio.sleep(0.01)
            file.write_bytes(whole)
            growing.grow(len(whole))
            growing.end()
        await staged.commit()
    assert await case.objects() == {TARGET.key: whole}


@pytest.mark.parametrize("there_bytes", [1, MULTIPART_BYTES + 1])
async def test_one_that_stops_leaves_nothing(case: Case, tmp_path: Path, there_bytes: int) -> None:
    """Whoever wrote the file gave up: neither parts nor temporary files stay."""
    file, growing = tmp_path / "source", Asked(beyond_bytes=there_bytes)
    file.write_bytes(bytes_of(there_bytes))
    growing.grow(there_bytes)
    with anyio.fail_after(20), anyio.CancelScope() as scope:
        async with (
            case.storage.stage(TARGET, content_type="video/mp4", is_public=True) as staged,
            anyio.create_task_group() as group,
        ):
            group.start_soon(staged.write, file, growing)
            await growing.asked.wait()
            scope.cancel()
            await anyio.sleep_forever()
    assert scope.cancelled_caught
    assert await case.objects() == {}
    if isinstance(case, S3Case):
        assert await case.uploads() == []
