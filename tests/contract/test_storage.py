"""What every store promises, run on each implementation."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from oven.adapters.storage.local import LocalStorage
from oven.adapters.storage.router import StorageRouter
from oven.adapters.storage.s3 import S3Account, S3Storage, open_s3
from oven.adapters.storage.s3_object import MULTIPART_BYTES
from oven.domain.errors import Code, OvenError, TransientError
from oven.pipeline.storage import Storage, StoredObject
from oven.recipes.steps import Target
from tests.faulty import busy, faulty_store, fine, reset
from tests.s3 import ACCESS_KEY, SECRET_KEY, S3Server

BUCKET = "results"
TARGET = Target(BUCKET, "tapes/auth0|1/a b.mp4")
BYTES = b"video" * 1_000_000


class Case(Protocol):
    """A store, and what can be read of it from outside."""

    storage: Storage

    async def objects(self) -> dict[str, bytes]: ...

    async def read(self, url: str) -> tuple[int, bytes]:
        """Read an address as anybody may."""
        ...


class LocalCase(Case):
    """A store in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.local = LocalStorage(
            buckets={BUCKET: root / "public"},
            base_url="https://example.com/files",
            private=root / "private",
            link_key=b"key",
            now_s=lambda: 1_000,
        )
        self.storage = StorageRouter(stores={BUCKET: self.local})

    async def objects(self) -> dict[str, bytes]:
        folders = (self.root / "public", self.root / "private" / BUCKET)
        return {
            str(file.relative_to(folder)): file.read_bytes()
            for folder in folders
            for file in folder.rglob("*")
            if file.is_file()
        }

    async def read(self, url: str) -> tuple[int, bytes]:
        parts = urlsplit(url)
        key = TARGET.key if parts.path.endswith("mp4") else "?"
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        try:
            place = self.local.open_link(key, query) if query else self.local.locate(Target(BUCKET, key))
            return 200, place.read_bytes()
        except (OvenError, FileNotFoundError):
            return 403, b""


class S3Case(Case):
    """A bucket of a real S3 server, empty at first."""

    def __init__(self, client: Any, endpoint: str) -> None:
        self.client = client
        bucket = S3Storage(client=client, bucket=BUCKET, base_url=f"{endpoint}/{BUCKET}")
        self.storage = StorageRouter(stores={BUCKET: bucket})

    async def objects(self) -> dict[str, bytes]:
        listed = await self.client.list_objects_v2(Bucket=BUCKET)
        keys = [found["Key"] for found in listed.get("Contents", [])]
        read = [await self.client.get_object(Bucket=BUCKET, Key=key) for key in keys]
        return {key: await answer["Body"].read() for key, answer in zip(keys, read, strict=True)}

    async def uploads(self) -> list[str]:
        listed = await self.client.list_multipart_uploads(Bucket=BUCKET)
        return [found["Key"] for found in listed.get("Uploads", [])]

    async def read(self, url: str) -> tuple[int, bytes]:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return answer.status, await answer.read()

    async def empty(self) -> None:
        await self.client.create_bucket(Bucket=BUCKET)
        for key in await self.objects():
            await self.client.delete_object(Bucket=BUCKET, Key=key)
        # Some tests are about what cannot be taken back.
        listed = await self.client.list_multipart_uploads(Bucket=BUCKET)
        for found in listed.get("Uploads", []):
            await self.client.abort_multipart_upload(
                Bucket=BUCKET, Key=found["Key"], UploadId=found["UploadId"]
            )


class ReplacedJustThen:
    """A client before whose copies somebody else is faster."""

    def __init__(self, client: Any) -> None:
        self.client = client

    async def copy_object(self, **asked: Any) -> Any:
        await self.client.put_object(**asked["CopySource"], Body=BYTES[::-1])
        return await self.client.copy_object(**asked)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)


@pytest.fixture
async def s3_case(s3: S3Server) -> AsyncIterator[S3Case]:
    async with open_s3(s3.account()) as client:
        case = S3Case(client, s3.endpoint)
        await case.empty()
        yield case


@pytest.fixture(params=["local", "s3", "faulty"])
async def case(request: pytest.FixtureRequest, tmp_path: Path, s3: S3Server) -> AsyncIterator[Case]:
    async with AsyncExitStack() as stack:
        if request.param == "local":
            yield LocalCase(tmp_path / "store")
            return
        endpoint = s3.endpoint
        faulty = await stack.enter_async_context(faulty_store(endpoint))
        if request.param == "faulty":
            endpoint = faulty.base
        account = S3Account(
            endpoint=endpoint, region="us-east-1", access_key=ACCESS_KEY, secret_key=SECRET_KEY
        )
        made = S3Case(await stack.enter_async_context(open_s3(account)), endpoint)
        await made.empty()
        # Its first two answers are no good, nor is the fifth.
        faulty.faults = [busy, reset, fine, fine, busy]
        yield made


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "source"
    file.write_bytes(BYTES)
    return file


async def put(case: Case, source: Path, target: Target = TARGET, *, is_public: bool = True) -> StoredObject:
    async with case.storage.stage(target, content_type="video/mp4", is_public=is_public) as staged:
        await staged.write(source)
        return await staged.commit()


async def copy(case: Case, stored: StoredObject, target: Target, *, source: Target = TARGET) -> StoredObject:
    return await case.storage.copy(source, stored, target, content_type="video/mp4", is_public=True)


async def test_an_object_arrives_whole(case: Case, source: Path) -> None:
    """With its size and checksum, and nothing beside it."""
    stored = await put(case, source)
    version = await case.storage.version(TARGET)
    assert version
    digest = hashlib.sha256(BYTES).hexdigest()
    assert stored == StoredObject(size_bytes=len(BYTES), sha256=digest, version=version)
    assert await case.objects() == {TARGET.key: BYTES}
    assert await case.storage.size_bytes(TARGET) == len(BYTES)


async def test_a_large_object_arrives_whole(case: Case, source: Path) -> None:
    """In parts, where the store takes it so."""
    source.write_bytes(BYTES * 4)
    assert len(BYTES) * 4 > 2 * MULTIPART_BYTES
    assert (await put(case, source)).size_bytes == len(BYTES) * 4
    assert (await case.objects())[TARGET.key] == BYTES * 4


@pytest.mark.parametrize("times", [1, 4])
async def test_nothing_is_seen_before_the_commit(case: Case, source: Path, times: int) -> None:
    """Not under its key, whether it is sent in parts or not."""
    source.write_bytes(BYTES * times)
    async with case.storage.stage(TARGET, content_type="video/mp4", is_public=True) as staged:
        await staged.write(source)
        assert await case.storage.size_bytes(TARGET) is None
        await staged.commit()
    assert TARGET.key in await case.objects()


@pytest.mark.parametrize("times", [1, 4])
async def test_leaving_without_a_commit_leaves_nothing(case: Case, source: Path, times: int) -> None:
    """By an error or without one; no parts either."""
    source.write_bytes(BYTES * times)
    with pytest.raises(RuntimeError):
        async with case.storage.stage(TARGET, content_type="video/mp4", is_public=True) as staged:
            await staged.write(source)
            raise RuntimeError
    async with case.storage.stage(TARGET, content_type="video/mp4", is_public=True):
        pass
    assert await case.objects() == {}
    if isinstance(case, S3Case):
        assert await case.uploads() == []


async def test_a_newer_object_replaces_an_older(case: Case, source: Path) -> None:
    """And an aborted one does not."""
    await put(case, source)
    source.write_bytes(b"newer")
    async with case.storage.stage(TARGET, content_type="video/mp4", is_public=True) as staged:
        await staged.write(source)
    assert len((await case.objects())[TARGET.key]) == len(BYTES)
    await put(case, source)
    assert await case.objects() == {TARGET.key: b"newer"}


async def test_public_objects_have_an_address(case: Case, source: Path) -> None:
    """Which anybody reads; private ones have not, but by a link that opens them for a while."""
    source.write_bytes(b"seen")
    await put(case, source)
    assert await case.read(case.storage.url(TARGET)) == (200, b"seen")
    await case.storage.delete(TARGET)
    source.write_bytes(b"hidden")
    await put(case, source, is_public=False)
    assert (await case.read(case.storage.url(TARGET)))[0] == 403
    link = await case.storage.presign(TARGET, expires_s=60, filename="a tape.mp4")
    assert await case.read(link) == (200, b"hidden")
    for cut in (link[:-1], link.replace("xpires=", "xpires=1")):
        assert (await case.read(cut))[0] == 403


@pytest.mark.parametrize("times", [1, 4])
async def test_copies_and_deletions(case: Case, source: Path, times: int) -> None:
    """A copy is whole, and outlives its source; what is not there can be deleted again."""
    source.write_bytes(BYTES * times)
    stored = await put(case, source)
    other = Target(BUCKET, "other")
    assert case.storage.can_copy(TARGET, other)
    copied = await copy(case, stored, other)
    assert (copied.size_bytes, copied.sha256) == (stored.size_bytes, stored.sha256)
    assert copied.version == await case.storage.version(other)
    for _ in range(2):
        await case.storage.delete(TARGET)
    assert await case.objects() == {"other": BYTES * times}
    assert await case.storage.size_bytes(TARGET) is None
    assert await case.storage.version(TARGET) == ""


async def test_a_copy_replaces_an_older_object(case: Case, source: Path) -> None:
    """A copy of a copy, too, and one that is there already."""
    stored = await put(case, source)
    source.write_bytes(b"older")
    other = Target(BUCKET, "other")
    await put(case, source, other)
    for _ in range(2):
        copied = await copy(case, stored, other)
    await case.storage.delete(TARGET)
    await copy(case, copied, TARGET, source=other)
    assert await case.objects() == {"other": BYTES, TARGET.key: BYTES}


async def test_a_copy_is_told_anew_what_it_is(s3_case: S3Case, source: Path) -> None:
    """Its type, how long caches may hold it, and that everybody may read it."""
    stored = await put(s3_case, source, is_public=False)
    other = Target(BUCKET, "other.jpg")
    await s3_case.storage.copy(
        TARGET, stored, other, content_type="image/jpeg", is_public=True, cache_control="max-age=7"
    )
    head = await s3_case.client.head_object(Bucket=BUCKET, Key=other.key)
    assert (head["ContentType"], head["CacheControl"]) == ("image/jpeg", "max-age=7")
    assert await s3_case.read(s3_case.storage.url(other)) == (200, BYTES)


@pytest.mark.parametrize("name", ["other", TARGET.key])
async def test_what_was_replaced_is_not_copied(case: Case, source: Path, name: str) -> None:
    """Though it is as long; nor is what is gone.  What stands at the target stays as it was."""
    stored = await put(case, source)
    source.write_bytes(BYTES[::-1])
    await put(case, source)
    with pytest.raises(TransientError) as caught:
        await copy(case, stored, Target(BUCKET, name))
    assert caught.value.code is Code.DOWNLOAD_CHANGED
    assert await case.objects() == {TARGET.key: BYTES[::-1]}
    await case.storage.delete(TARGET)
    with pytest.raises(TransientError) as caught:
        await copy(case, stored, Target(BUCKET, name))
    assert caught.value.code is Code.DOWNLOAD_CHANGED
    assert await case.objects() == {}


async def test_what_is_replaced_just_then(s3_case: S3Case, source: Path) -> None:
    """Is told, also by stores that do not look at the condition of a copy."""
    stored = await put(s3_case, source)
    late = ReplacedJustThen(s3_case.client)
    storage = S3Storage(client=late, bucket=BUCKET, base_url="")
    with pytest.raises(TransientError) as caught:
        await storage.copy(TARGET, stored, Target(BUCKET, "other"), content_type="", is_public=True)
    assert caught.value.code is Code.DOWNLOAD_CHANGED


async def test_an_object_copied_to_itself(case: Case, source: Path) -> None:
    """Is left alone, and known as it was."""
    stored = await put(case, source)
    assert await copy(case, stored, TARGET) == stored
    assert await case.storage.version(TARGET) == stored.version


async def test_copies_across_buckets(tmp_path: Path, source: Path) -> None:
    """Are made in the folders of this machine; between two stores nothing is copied."""
    folders = {name: tmp_path / name for name in ("one", "two")}
    local, other = LocalStorage(buckets=folders), LocalStorage(buckets={BUCKET: tmp_path / "three"})
    router = StorageRouter(stores={"one": local, "two": local, BUCKET: other})
    first, second = Target("one", "a"), Target("two", "b")
    async with router.stage(first, content_type="", is_public=True) as staged:
        await staged.write(source)
        stored = await staged.commit()
    assert router.can_copy(first, second)
    await router.copy(first, stored, second, content_type="", is_public=True)
    assert (tmp_path / "two" / "b").read_bytes() == BYTES
    for place in (Target(BUCKET, "b"), Target("elsewhere", "b")):
        assert not router.can_copy(place, second)
    assert not router.can_copy(first, Target(BUCKET, "b"))


async def test_what_a_killed_process_had_begun(case: Case, source: Path) -> None:
    """Is taken back once nobody makes it; what stands there, and what is being made, stays."""
    await put(case, source, Target(BUCKET, "done"))
    source.write_bytes(BYTES * 4)
    left = []
    for name in ("abandoned", "alive"):
        storing = case.storage.stage(Target(BUCKET, name), content_type="video/mp4", is_public=True)
        staged = await storing.__aenter__()
        await staged.write(source)
        left.append((storing, staged))
    if isinstance(case, LocalCase):
        # The kernel drops the lock with the process.
        left[0][1].file.close()  # type: ignore[attr-defined] # a folder's own

    async def is_abandoned(target: Target) -> bool:
        return target.key == "abandoned"

    assert await case.storage.take_back(is_abandoned) == 1
    assert await case.storage.take_back(is_abandoned) == 0
    await left[1][1].commit()
    for storing, _ in left:
        await storing.__aexit__(None, None, None)
    assert set(await case.objects()) == {"done", "alive"}


async def test_it_can_be_looked_at(case: Case) -> None:
    """And says that all is well."""
    await case.storage.check()


@pytest.mark.parametrize("key", ["", "/etc/x", "../x", "a/../../x", "a\0b"])
async def test_keys_that_lead_elsewhere(case: Case, source: Path, key: str) -> None:
    """Refused; a key is a place below its bucket."""
    with pytest.raises(OvenError):
        await put(case, source, Target(BUCKET, key))
    assert await case.objects() == {}


async def test_an_unknown_bucket(case: Case, source: Path) -> None:
    """Refused by name."""
    with pytest.raises(OvenError, match="no bucket named elsewhere"):
        await put(case, source, Target("elsewhere", "a"))
