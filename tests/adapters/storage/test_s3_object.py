"""An object on its way: what goes wrong in between."""

import tracemalloc
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from oven.adapters.storage.s3 import ABORT_TIMEOUT_S, S3Storage, open_s3
from oven.adapters.storage.s3_object import MULTIPART_BYTES, PARTS_AT_ONCE, S3Object
from oven.domain.errors import BadInputError, Code, FaultError, TransientError
from oven.pipeline.growing import Growing
from tests.adapters.storage.test_s3 import LARGE, TARGET, account, case, faulty, put_by
from tests.contract.test_storage import BUCKET, S3Case
from tests.faulty import FaultyStore, faulty_store
from tests.s3 import S3Server

__all__ = ["case", "faulty"]


class Lost:
    """Lets requests through, and loses the answers of those that complete an upload."""

    def __init__(self, store: FaultyStore) -> None:
        self.store = store
        self.count = 0

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        answer = await FaultyStore.handle(self.store, request)
        if request.method == "POST" and "uploadId" in request.query:
            self.count += 1
            assert request.transport is not None
            request.transport.abort()
        return answer


async def test_answers_that_are_lost(case: S3Case, s3: S3Server, tmp_path: Path) -> None:
    """An object that stands there, whole, is not announced as failed."""
    async with faulty_store(s3.endpoint, through=Lost) as store:
        await put_by(account(store.base), tmp_path, LARGE)
    assert len((await case.objects())[TARGET.key]) == LARGE
    assert await case.uploads() == []


async def test_an_upload_that_was_aborted_elsewhere(case: S3Case, tmp_path: Path) -> None:
    """May succeed the next time: it is tried again."""
    (tmp_path / "source").write_bytes(b"x" * LARGE)
    storage = S3Storage(client=case.client, bucket=BUCKET, base_url="")
    with pytest.raises(TransientError) as caught:
        async with storage.stage(TARGET, content_type="video/mp4", is_public=True) as staged:
            await staged.write(tmp_path / "source")
            (upload,) = (await case.client.list_multipart_uploads(Bucket=BUCKET))["Uploads"]
            place = {"Bucket": BUCKET, "Key": TARGET.key, "UploadId": upload["UploadId"]}
            await case.client.abort_multipart_upload(**place)
            await staged.commit()
    assert caught.value.code is Code.UPLOAD_FAILED


async def test_an_upload_that_is_gone_already(case: S3Case, tmp_path: Path) -> None:
    """Needs no taking back, and no word about it."""
    (tmp_path / "source").write_bytes(b"x" * LARGE)
    storage = S3Storage(client=case.client, bucket=BUCKET, base_url="")
    with capture_logs() as logs:
        async with storage.stage(TARGET, content_type="video/mp4", is_public=True) as staged:
            await staged.write(tmp_path / "source")
            # Whoever sends the same object again takes back what was sent of it before.
            async with storage.stage(TARGET, content_type="video/mp4", is_public=True) as newer:
                await newer.write(tmp_path / "source")
                await newer.commit()
    assert logs == []
    assert len((await case.objects())[TARGET.key]) == LARGE


class Held:
    """Lets requests of one kind through, and holds their answers until it is told to let go."""

    def __init__(self, store: FaultyStore, method: str, name: str) -> None:
        self.store, self.method, self.name = store, method, name
        self.reached, self.go = anyio.Event(), anyio.Event()

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        is_meant = request.method == self.method and self.name in request.query
        if is_meant and self.method == "PUT":
            await self._hold()
        answer = await FaultyStore.handle(self.store, request)
        if is_meant and self.method == "POST":
            await self._hold()
        return answer

    async def _hold(self) -> None:
        self.reached.set()
        await self.go.wait()


@pytest.mark.parametrize(("method", "name"), [("PUT", "partNumber"), ("POST", "uploads")])
async def test_one_that_is_stopped_in_the_middle_of_a_request(
    case: S3Case, s3: S3Server, tmp_path: Path, method: str, name: str
) -> None:
    """Leaves no upload, even one whose name it had yet to hear; and it takes no long time."""
    (tmp_path / "source").write_bytes(b"x" * LARGE)
    held: list[Held] = []

    def hold(store: FaultyStore) -> Held:
        held.append(Held(store, method, name))
        return held[0]

    async with faulty_store(s3.endpoint, through=hold) as store, open_s3(account(store.base)) as client:
        storage = S3Storage(client=client, bucket=BUCKET, base_url="")
        with anyio.fail_after(20), anyio.CancelScope() as scope:
            async with (
                storage.stage(TARGET, content_type="video/mp4", is_public=True) as staged,
                anyio.create_task_group() as group,
            ):
                group.start_soon(staged.write, tmp_path / "source")
                await held[0].reached.wait()
                assert await case.uploads() == [TARGET.key]
                scope.cancel()
                began = anyio.current_time()
                if method == "POST":
                    held[0].go.set()
                await anyio.sleep_forever()
        assert anyio.current_time() - began < ABORT_TIMEOUT_S
        held[0].go.set()
    assert scope.cancelled_caught
    assert await case.uploads() == []


async def test_a_store_that_does_not_say_what_it_has_begun(
    case: S3Case, s3: S3Server, tmp_path: Path
) -> None:
    """Is not waited for; it is asked what it has begun, and that is taken back."""
    (tmp_path / "source").write_bytes(b"x" * LARGE)
    held: list[Held] = []

    def hold(store: FaultyStore) -> Held:
        held.append(Held(store, "POST", "uploads"))
        return held[0]

    async with faulty_store(s3.endpoint, through=hold) as store, open_s3(account(store.base)) as client:
        storage = S3Storage(client=client, bucket=BUCKET, base_url="")
        with anyio.fail_after(20), anyio.CancelScope() as scope:
            async with (
                storage.stage(TARGET, content_type="video/mp4", is_public=True) as staged,
                anyio.create_task_group() as group,
            ):
                group.start_soon(staged.write, tmp_path / "source")
                await held[0].reached.wait()
                scope.cancel()
                began = anyio.current_time()
        assert anyio.current_time() - began < ABORT_TIMEOUT_S
        assert await case.uploads() == []
        held[0].go.set()


async def test_more_parts_than_there_may_be(case: S3Case, tmp_path: Path) -> None:
    """A size that is known is parted otherwise; one that is not is refused in the end, with the limit."""
    size_bytes = 3 * MULTIPART_BYTES
    (tmp_path / "source").write_bytes(b"x" * size_bytes)
    place = {"Bucket": BUCKET, "Key": TARGET.key}
    known = S3Object(client=case.client, place=place, headers={}, max_parts=2)
    await known.write(tmp_path / "source")
    assert (await known.commit()).size_bytes == size_bytes
    assert len(known.parts) == 2
    unknown = S3Object(client=case.client, place=place, headers={}, max_parts=2)
    with pytest.raises(BadInputError, match="more than 16,777,216 bytes") as caught:
        await unknown.write(tmp_path / "source", Growing(size_bytes=size_bytes))
    assert caught.value.code is Code.DOWNLOAD_TOO_LARGE
    await unknown.discard()
    assert await case.uploads() == []


async def test_memory_holds_few_parts(case: S3Case, tmp_path: Path) -> None:
    """However large the file is: so many, and the copies of them that the client sends from."""
    with (tmp_path / "source").open("wb") as file:
        file.truncate(3 * PARTS_AT_ONCE * MULTIPART_BYTES)
    storage = S3Storage(client=case.client, bucket=BUCKET, base_url="")
    tracemalloc.start()
    try:
        async with storage.stage(TARGET, content_type="video/mp4", is_public=True) as staged:
            tracemalloc.reset_peak()
            await staged.write(tmp_path / "source")
            _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < (2 * PARTS_AT_ONCE + 0.5) * MULTIPART_BYTES


class Crowded:
    """Holds every part until as many as there may be are there, and the first until another has gone."""

    def __init__(self, store: FaultyStore) -> None:
        self.store = store
        self.count = self.most = 0
        self.full, self.overtaken = anyio.Event(), anyio.Event()

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        number = request.query.get("partNumber")
        if number is None:
            return await FaultyStore.handle(self.store, request)
        self.count += 1
        self.most = max(self.most, self.count)
        if self.count == PARTS_AT_ONCE:
            self.full.set()
        await self.full.wait()
        if number == "1":
            await self.overtaken.wait()
        answer = await FaultyStore.handle(self.store, request)
        self.count -= 1
        # It was begun in the room of another, whose answer had been heard.
        if int(number) > PARTS_AT_ONCE:
            self.overtaken.set()
        return answer


async def test_parts_are_sent_side_by_side(case: S3Case, s3: S3Server, tmp_path: Path) -> None:
    """As many as there may be, in whichever order they arrive; the object has them in their own."""
    whole = b"".join(bytes([number]) * MULTIPART_BYTES for number in range(PARTS_AT_ONCE + 2))
    (tmp_path / "source").write_bytes(whole)
    crowds: list[Crowded] = []

    def crowd(store: FaultyStore) -> Crowded:
        crowds.append(Crowded(store))
        return crowds[0]

    async with faulty_store(s3.endpoint, through=crowd) as store, open_s3(account(store.base)) as client:
        storage = S3Storage(client=client, bucket=BUCKET, base_url="")
        async with storage.stage(TARGET, content_type="video/mp4", is_public=True) as staged:
            assert isinstance(staged, S3Object)
            with anyio.fail_after(30):
                await staged.write(tmp_path / "source")
            # Ceph puts them in order itself; not every store does.
            assert [part["PartNumber"] for part in staged.parts] == list(range(1, PARTS_AT_ONCE + 3))
            await staged.commit()
    assert crowds[0].most == PARTS_AT_ONCE
    assert (await case.objects())[TARGET.key] == whole


async def test_a_part_that_fails(case: S3Case, s3: S3Server, tmp_path: Path) -> None:
    """Ends the others, which wait for nothing more, and is told as it is."""
    (tmp_path / "source").write_bytes(b"x" * 3 * MULTIPART_BYTES)
    growing = Growing(size_bytes=3 * MULTIPART_BYTES)

    def deny(store: FaultyStore) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            if request.query.get("partNumber") == "2":
                return web.Response(status=403)
            return await FaultyStore.handle(store, request)

        return answer

    async with faulty_store(s3.endpoint, through=deny) as store, open_s3(account(store.base)) as client:
        storage = S3Storage(client=client, bucket=BUCKET, base_url="")
        with anyio.fail_after(20), pytest.raises(FaultError) as caught:
            async with storage.stage(TARGET, content_type="video/mp4", is_public=True) as staged:
                # More of it never comes.
                await staged.write(tmp_path / "source", growing)
    assert caught.value.code is Code.STORAGE_DENIED
    assert await case.uploads() == []


async def test_an_abort_that_fails_hides_nothing(case: S3Case, faulty: FaultyStore, tmp_path: Path) -> None:
    """The error is the upload's, and one that hangs is not waited for."""
    del case
    (tmp_path / "source").write_bytes(b"x" * LARGE)

    async def hang(_: web.Request) -> web.StreamResponse:
        await anyio.sleep(60)
        return web.Response()

    async with open_s3(account(faulty.base)) as client:
        storage = S3Storage(client=client, bucket=BUCKET, base_url="")
        with anyio.fail_after(15), pytest.raises(RuntimeError):
            async with storage.stage(TARGET, content_type="video/mp4", is_public=True) as staged:
                await staged.write(tmp_path / "source")
                faulty.instead = hang
                raise RuntimeError
