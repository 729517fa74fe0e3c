"""An object on its way: what goes wrong in between."""

from pathlib import Path

import anyio
import pytest
from aiohttp import web

from oven.adapters.storage.s3 import S3Storage, open_s3
from oven.domain.errors import Code, TransientError
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
