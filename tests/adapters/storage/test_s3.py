"""What is special about S3: types, rights, parts, and what goes wrong."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
from aiohttp import web

from oven.adapters.storage.s3 import S3Account, S3Storage, open_s3
from oven.adapters.storage.s3_object import MULTIPART_BYTES
from oven.domain.errors import Code, FaultError, OvenError, TransientError
from oven.pipeline.storage import Piece
from oven.recipes.steps import Target
from tests.contract.test_storage import BUCKET, S3Case
from tests.faulty import FaultyStore, busy, faulty_store
from tests.s3 import ACCESS_KEY, SECRET_KEY, S3Server

TARGET = Target(BUCKET, "tapes/a.mp4")
LARGE = MULTIPART_BYTES + 1


@pytest.fixture
async def case(s3: S3Server) -> AsyncIterator[S3Case]:
    async with open_s3(s3.account()) as client:
        made = S3Case(client, s3.endpoint)
        await made.empty()
        yield made


@pytest.fixture
async def faulty(s3: S3Server) -> AsyncIterator[FaultyStore]:
    async with faulty_store(s3.endpoint) as store:
        yield store


async def put(storage: S3Storage, folder: Path, size_bytes: int = 5) -> None:
    (folder / "source").write_bytes(b"x" * size_bytes)
    staging = storage.stage(
        TARGET, content_type="video/mp4", is_public=True, cache_control="public, max-age=9"
    )
    async with staging as staged:
        await staged.write(folder / "source")
        await staged.commit()


async def put_by(account: S3Account, folder: Path, size_bytes: int = 5, bucket: str = BUCKET) -> None:
    async with open_s3(account) as client:
        await put(S3Storage(client=client, bucket=bucket, base_url=""), folder, size_bytes)


def account(endpoint: str, **changes: str) -> S3Account:
    given = {"region": "us-east-1", "access_key": ACCESS_KEY, "secret_key": SECRET_KEY} | changes
    return S3Account(endpoint=endpoint, **given)


@pytest.mark.parametrize("size_bytes", [5, LARGE])
async def test_what_clients_are_told(case: S3Case, tmp_path: Path, size_bytes: int) -> None:
    """The type, the cache's time, and that anybody may read; in parts or not."""
    await put(S3Storage(client=case.client, bucket=BUCKET, base_url=""), tmp_path, size_bytes)
    head = await case.client.head_object(Bucket=BUCKET, Key=TARGET.key)
    assert (head["ContentType"], head["CacheControl"]) == ("video/mp4", "public, max-age=9")
    assert head["ContentLength"] == size_bytes
    rights = await case.client.get_object_acl(Bucket=BUCKET, Key=TARGET.key)
    anybody = [grant["Permission"] for grant in rights["Grants"] if "URI" in grant["Grantee"]]
    assert anybody == ["READ"]


@pytest.mark.parametrize(
    ("changes", "bucket"),
    [({"secret_key": "wrong"}, BUCKET), ({"access_key": "NOBODY"}, BUCKET), ({}, "no-such-bucket")],
)
async def test_what_an_operator_has_to_mend(
    case: S3Case, faulty: FaultyStore, tmp_path: Path, changes: dict[str, str], bucket: str
) -> None:
    """STORAGE_DENIED, by the bucket's name, after one request; the health check says the same."""
    del case
    for size_bytes in (5, LARGE):
        faulty.seen.clear()
        with pytest.raises(FaultError) as caught:
            await put_by(account(faulty.base, **changes), tmp_path, size_bytes, bucket)
        assert caught.value.code is Code.STORAGE_DENIED
        assert bucket in caught.value.message
        # For a large one those are asked about first that a killed process left.
        assert len(faulty.seen) == (1 if size_bytes == 5 else 2)
    async with open_s3(account(faulty.base, **changes)) as client:
        with pytest.raises(FaultError):
            await S3Storage(client=client, bucket=bucket, base_url="").check()


async def test_a_store_that_is_busy_for_long(case: S3Case, faulty: FaultyStore, tmp_path: Path) -> None:
    """Is tried three times, then left to the job's own next try."""
    faulty.faults = [busy] * 9
    with pytest.raises(TransientError) as caught:
        await put_by(account(faulty.base), tmp_path)
    assert caught.value.code is Code.UPLOAD_FAILED
    assert len(faulty.seen) == 3
    assert await case.objects() == {}


async def test_a_store_that_is_not_there(tmp_path: Path) -> None:
    """May be there later."""
    with pytest.raises(TransientError) as caught:
        await put_by(account("http://127.0.0.1:9"), tmp_path)
    assert caught.value.code is Code.UPLOAD_FAILED


async def test_a_store_that_keeps_less(case: S3Case, faulty: FaultyStore, tmp_path: Path) -> None:
    """Is found out by its own word before anything is announced."""
    del case
    faulty.lie_bytes = -1
    with pytest.raises(TransientError) as caught:
        await put_by(account(faulty.base), tmp_path)
    assert caught.value.code is Code.UPLOAD_VERIFY_FAILED
    assert "4 bytes of an object of 5" in caught.value.message


async def test_parts_that_a_killed_process_left(case: S3Case, tmp_path: Path) -> None:
    """Go with the next upload of that object; others' stay."""
    for key in (TARGET.key, TARGET.key + ".other"):
        await case.client.create_multipart_upload(Bucket=BUCKET, Key=key)
    await put(S3Storage(client=case.client, bucket=BUCKET, base_url=""), tmp_path, LARGE)
    assert await case.uploads() == [TARGET.key + ".other"]
    listed = await case.client.list_multipart_uploads(Bucket=BUCKET)
    for upload in listed["Uploads"]:
        await case.client.abort_multipart_upload(
            Bucket=BUCKET, Key=upload["Key"], UploadId=upload["UploadId"]
        )


async def test_a_cancelled_upload(case: S3Case, tmp_path: Path) -> None:
    """Leaves no parts, although its own awaits are cancelled, too."""
    (tmp_path / "source").write_bytes(b"x" * LARGE)
    storage = S3Storage(client=case.client, bucket=BUCKET, base_url="")
    with anyio.CancelScope() as scope:
        async with storage.stage(TARGET, content_type="video/mp4", is_public=True) as staged:
            await staged.write(tmp_path / "source")
            assert await case.uploads() == [TARGET.key]
            scope.cancel()
            await anyio.sleep(9)
    assert scope.cancelled_caught
    assert (await case.uploads(), await case.objects()) == ([], {})


async def test_a_fetch_that_breaks_off(case: S3Case, faulty: FaultyStore, tmp_path: Path) -> None:
    """May succeed the next time; it is the download that failed."""
    await put(S3Storage(client=case.client, bucket=BUCKET, base_url=""), tmp_path, 100_000)

    async def half(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": "100000"})
        await answer.prepare(request)
        await answer.write(b"x" * 50_000)
        assert request.transport is not None
        request.transport.close()
        return answer

    async with open_s3(account(faulty.base)) as client:
        storage = S3Storage(client=client, bucket=BUCKET, base_url="")
        faulty.instead = half
        with pytest.raises(TransientError) as caught:
            await storage.fetch(TARGET, tmp_path / "into", max_bytes=1 << 20, report=lambda _: None)
        assert caught.value.code is Code.DOWNLOAD_FAILED
        faulty.instead, faulty.faults = None, [busy] * 3
        with pytest.raises(TransientError) as caught:
            await storage.fetch(TARGET, tmp_path / "into", max_bytes=1 << 20, report=lambda _: None)
        assert caught.value.code is Code.DOWNLOAD_FAILED
    with pytest.raises(FaultError) as denied:
        await S3Storage(client=case.client, bucket="no-such-bucket", base_url="").fetch(
            TARGET, tmp_path / "into", max_bytes=9, report=lambda _: None
        )
    assert denied.value.code is Code.STORAGE_DENIED


async def test_secrets_are_not_shown() -> None:
    """Of an account, whoever prints it."""
    assert SECRET_KEY not in repr(account("http://127.0.0.1:9"))


@pytest.mark.parametrize(
    ("endpoint", "addressing", "start"),
    [
        (
            "https://sfo3.digitaloceanspaces.com",
            "virtual",
            "https://tapes.sfo3.digitaloceanspaces.com/a%7Cb?",
        ),
        ("https://sfo3.digitaloceanspaces.com", "path", "https://sfo3.digitaloceanspaces.com/tapes/a%7Cb?"),
        ("http://127.0.0.1:9000", "path", "http://127.0.0.1:9000/tapes/a%7Cb?"),
        ("", "virtual", "https://tapes.s3.amazonaws.com/a%7Cb?"),
    ],
)
async def test_links(endpoint: str, addressing: str, start: str) -> None:
    """To the bucket's own host or path, signed for the region, with the name to save as."""
    async with open_s3(account(endpoint, addressing=addressing)) as client:
        storage = S3Storage(client=client, bucket="tapes", base_url="")
        link = await storage.presign(Target("tapes", "a|b"), expires_s=60, filename='a "tape".mp4')
    assert link.startswith(start)
    assert "us-east-1%2Fs3%2Faws4_request" in link
    assert "X-Amz-Expires=60" in link
    assert "attachment%3B%20filename%2A%3DUTF-8%27%27a%2520%2522tape%2522.mp4" in link


async def test_an_unknown_object_has_no_size(case: S3Case) -> None:
    """And that is no failure; a store that refuses is one."""
    storage = S3Storage(client=case.client, bucket=BUCKET, base_url="")
    assert await storage.size_bytes(TARGET) is None
    async with open_s3(account(case.client.meta.endpoint_url, secret_key="wrong")) as client:
        with pytest.raises(OvenError):
            await S3Storage(client=client, bucket=BUCKET, base_url="").size_bytes(TARGET)


@pytest.mark.parametrize(
    ("changes", "bucket", "code"),
    [
        ({}, BUCKET, None),
        ({"secret_key": "wrong"}, BUCKET, Code.STORAGE_DENIED),
        ({"access_key": "NOBODY"}, BUCKET, Code.STORAGE_DENIED),
        ({}, "no-such-bucket", Code.STORAGE_DENIED),
    ],
)
async def test_whether_it_could_be_read(
    case: S3Case, s3: S3Server, changes: dict[str, str], bucket: str, code: Code | None
) -> None:
    """By a key that need not be allowed to list."""
    del case
    async with open_s3(account(s3.endpoint, **changes)) as client:
        storage = S3Storage(client=client, bucket=bucket, base_url="")
        try:
            await storage.check_reading()
        except OvenError as error:
            assert error.code is code
        else:
            assert code is None


RANGE = {"Content-Range": "bytes 2-5/9", "ETag": '"a"'}


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (200, {}, b"0123456789"),
        (206, {"Content-Range": "bytes 2-3/9"}, b"23"),
        (206, {"Content-Range": "bytes 0-3/9"}, b"0123"),
        (206, {"Content-Range": "bytes 2-5/*"}, b"2345"),
        (206, {"Content-Range": "bytes */9"}, b"2345"),
        (206, RANGE, b"23"),
        (206, {}, b"2345"),
    ],
)
async def test_a_store_that_sends_other_bytes(status: int, headers: dict[str, str], body: bytes) -> None:
    """Of a range: they are not taken for what was asked for."""
    with pytest.raises(TransientError) as caught:
        await read_of(status, headers, body)
    assert caught.value.code is Code.DOWNLOAD_FAILED


async def test_a_store_that_sends_too_many_bytes() -> None:
    """No more is taken than was asked for; nor does it matter if versions are not told."""
    assert (await read_of(206, RANGE, b"2345" + bytes(LARGE))).data == b"2345"
    assert (await read_of(206, {"Content-Range": "bytes 2-5/9"}, b"2345")).version == ""


async def read_of(status: int, headers: dict[str, str], body: bytes) -> Piece:
    """Ask a store for four bytes from the third on, which answers just so."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, headers=headers, body=body)

    async with faulty_store("") as store, open_s3(account(store.base)) as client:
        store.instead = answer
        return await S3Storage(client=client, bucket=BUCKET, base_url="").read(TARGET, start=2, length=4)
