"""Uploads in parts to S3 stores: pages, rights, and answers that are lost."""

from io import BytesIO

import aiohttp
import pytest

from oven.adapters.storage.s3 import open_s3
from oven.adapters.storage.s3_parts import S3Parts
from oven.domain.errors import Code, FaultError, TransientError
from oven.domain.parts import SMALLEST_PART_BYTES
from tests.adapters.storage.test_s3 import TARGET, account, case, faulty
from tests.adapters.storage.test_s3_object import Lost
from tests.contract.test_storage import BUCKET, S3Case
from tests.faulty import FaultyStore, busy, faulty_store
from tests.s3 import S3Server

__all__ = ["case", "faulty"]

PLACE = {"Bucket": BUCKET, "Key": TARGET.key}


async def put(url: str, data: bytes) -> int:
    async with aiohttp.ClientSession() as client, client.put(url, data=BytesIO(data)) as answer:
        return answer.status


async def test_lists_of_several_pages(case: S3Case) -> None:
    """Are read to their end."""
    parts = S3Parts(client=case.client, place=PLACE, page=1)
    upload_id = await parts.begin("video/mp4")
    for number, data in ((1, b"1" * SMALLEST_PART_BYTES), (2, b"2" * SMALLEST_PART_BYTES), (3, b"3")):
        assert await put(await parts.presign(upload_id, number, expires_s=60), data) == 200
    assert await parts.finish(upload_id, max_bytes=1 << 30) == 2 * SMALLEST_PART_BYTES + 1


async def test_what_readers_are_told(case: S3Case) -> None:
    """The type that was announced; and nobody may read it without a link."""
    parts = S3Parts(client=case.client, place=PLACE)
    upload_id = await parts.begin("video/webm")
    await put(await parts.presign(upload_id, 1, expires_s=60), b"x")
    await parts.finish(upload_id, max_bytes=1)
    assert (await case.client.head_object(**PLACE))["ContentType"] == "video/webm"
    assert await case.read(f"{case.client.meta.endpoint_url}/{BUCKET}/{TARGET.key}") != (200, b"x")


async def test_an_end_whose_answers_are_lost(case: S3Case, s3: S3Server) -> None:
    """Is none the worse: what stands there counts."""
    upload_id = await S3Parts(client=case.client, place=PLACE).begin("video/mp4")
    async with faulty_store(s3.endpoint, through=Lost) as store, open_s3(account(store.base)) as client:
        parts = S3Parts(client=client, place=PLACE)
        assert await put(await parts.presign(upload_id, 1, expires_s=60), b"x") == 200
        assert await parts.finish(upload_id, max_bytes=1) == 1
    assert await case.objects() == {TARGET.key: b"x"}


async def test_a_store_that_keeps_less(case: S3Case, faulty: FaultyStore) -> None:
    """Is found out by its own word."""
    faulty.lie_bytes = -1
    async with open_s3(account(faulty.base)) as client:
        parts = S3Parts(client=client, place=PLACE)
        upload_id = await parts.begin("video/mp4")
        await put(await S3Parts(client=case.client, place=PLACE).presign(upload_id, 1, expires_s=60), b"xy")
        with pytest.raises(TransientError) as caught:
            await parts.finish(upload_id, max_bytes=9)
    assert caught.value.code is Code.UPLOAD_VERIFY_FAILED


async def test_stores_that_do_not_answer_well(case: S3Case, faulty: FaultyStore) -> None:
    """Busy ones are asked again later; those that refuse are the operator's to mend."""
    async with open_s3(account(faulty.base)) as client:
        parts = S3Parts(client=client, place=PLACE)
        upload_id = await parts.begin("video/mp4")
        faulty.faults = [busy] * 3
        with pytest.raises(TransientError):
            await parts.finish(upload_id, max_bytes=9)
        await parts.abort(upload_id)
    with pytest.raises(FaultError) as caught:
        await S3Parts(client=case.client, place={**PLACE, "Bucket": "no-such-bucket"}).begin("video/mp4")
    assert caught.value.code is Code.STORAGE_DENIED
    assert await case.uploads() == []
