"""Objects that a bucket has: what they are, and what is made of them without sending it."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from oven.adapters.storage.fetching import changed
from oven.adapters.storage.s3_errors import is_changed, s3_translated

Place = Mapping[str, str]


def headers_of(content_type: str, cache_control: str, *, is_public: bool) -> dict[str, str]:
    """Give what a store is told of an object beside its bytes."""
    headers = {"ContentType": content_type, "ACL": "public-read" if is_public else "private"}
    return headers | ({"CacheControl": cache_control} if cache_control else {})


async def seen(client: Any, place: Place) -> tuple[int, str]:
    """Ask for an object's size and ETag, with its quotes; 0 and empty where there is none.

    Raises:
        OvenError: STORAGE_DENIED, UPLOAD_FAILED, UPLOAD_TIMEOUT.

    """
    try:
        with s3_translated(place["Bucket"]):
            head = await client.head_object(**place)
    except FileNotFoundError:
        return 0, ""
    return head["ContentLength"], head["ETag"]


async def copy_object(
    client: Any, source: Place, etag: str, target: Place, headers: Mapping[str, str]
) -> tuple[int, str]:
    """Let the store copy an object, if it is still that one → as `seen`; headers are the copy's own.

    Ceph, and with it Spaces, copies whatever the condition says.  So it is looked before, to leave alone what
    stands there, and after: a copy has the same ETag, unless a store makes one object of what came in parts.

    Raises:
        TransientError: DOWNLOAD_CHANGED, UPLOAD_FAILED, UPLOAD_TIMEOUT.
        FaultError: STORAGE_DENIED.

    """
    found = await _still(client, source, etag)
    if source == target:
        return found
    try:
        with s3_translated(target["Bucket"]):
            try:
                await client.copy_object(
                    **target,
                    **headers,
                    CopySource=source,
                    CopySourceIfMatch=etag,
                    MetadataDirective="REPLACE",
                )
            except ClientError as error:
                if is_changed(error):
                    raise changed() from error
                raise
    except FileNotFoundError as error:
        raise changed() from error
    size_bytes, made = await seen(client, target)
    if made != etag:
        await _still(client, source, etag)
    return size_bytes, made


async def _still(client: Any, place: Place, etag: str) -> tuple[int, str]:
    """Look whether an object is still that one → as `seen`."""
    found = await seen(client, place)
    if found[1] != etag:
        raise changed()
    return found
