"""What a bucket has; copies are proved with the other stores' (tests/contract)."""

import pytest

from oven.adapters.storage.s3 import open_s3
from oven.adapters.storage.s3_copy import copy_object, headers_of, seen
from oven.domain.errors import Code, FaultError
from tests.s3 import S3Server

BUCKET = "copies"


def test_what_a_store_is_told() -> None:
    """Who may read an object, and for how long caches hold it, where that is said."""
    assert headers_of("video/mp4", "", is_public=False) == {"ContentType": "video/mp4", "ACL": "private"}
    assert headers_of("a/b", "max-age=1", is_public=True) == {
        "ContentType": "a/b",
        "ACL": "public-read",
        "CacheControl": "max-age=1",
    }


async def test_an_object_is_seen(s3: S3Server) -> None:
    """By its size, and by a tag that is another one for other bytes; nothing where there is none."""
    async with open_s3(s3.account()) as client:
        await client.create_bucket(Bucket=BUCKET)
        place = {"Bucket": BUCKET, "Key": "a"}
        tags = set()
        for data in (b"one", b"two"):
            await client.put_object(**place, Body=data)
            size_bytes, etag = await seen(client, place)
            assert size_bytes == 3
            tags.add(etag)
        assert len(tags) == 2
        assert await seen(client, {"Bucket": BUCKET, "Key": "none"}) == (0, "")


async def test_a_bucket_that_is_not_there(s3: S3Server) -> None:
    """Is the operator's to mend, and no object that has changed."""
    async with open_s3(s3.account()) as client:
        await client.create_bucket(Bucket=BUCKET)
        place = {"Bucket": BUCKET, "Key": "a"}
        await client.put_object(**place, Body=b"one")
        _, etag = await seen(client, place)
        with pytest.raises(FaultError) as caught:
            await copy_object(client, place, etag, {"Bucket": "nowhere-to-be-seen", "Key": "b"}, {})
        assert caught.value.code is Code.STORAGE_DENIED
