"""A store that speaks S3."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aioboto3
import anyio
from aiobotocore.session import AioSession
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from oven.adapters.storage.addresses import parts_of_key
from oven.adapters.storage.fetching import CHUNK_BYTES, changed, check_size, gone, open_fetched
from oven.adapters.storage.s3_copy import copy_object, headers_of, seen
from oven.adapters.storage.s3_errors import FETCHING, is_changed, s3_translated
from oven.adapters.storage.s3_object import S3Object, abort_upload
from oven.adapters.storage.s3_parts import S3Parts
from oven.domain.errors import Code, FaultError, TransientError
from oven.pipeline.ports import Report
from oven.pipeline.storage import Piece, StagedObject, Storage, StoredObject
from oven.recipes.steps import Target

# An attempt that was killed has to be written down as handed back soon after.
ABORT_TIMEOUT_S = 3.0
CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 30
# More than parts of uploads are ever on their way: who only asks for something has not to wait for them.
CONNECTIONS = 256
# Tries of one request; a job's next try is the attempt's affair.
TRIES = 3
# What is always sent as it is in an object's address; a slash parts its names.
PLAIN = "/~"
# A key that nothing is under; who may not list is told the same as who may not read it.
NO_OBJECT = "oven-check/nothing"
NOT_TO_BE_SEEN = {"NoSuchKey", "AccessDenied"}


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Account:
    """Where a store is, and with what it is opened.

    `region` is the one that requests are signed for; `addressing` is botocore's: auto, path or virtual.
    """

    endpoint: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)
    addressing: str = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Storage(Storage):
    """The `Storage` port, for one bucket; `base_url` is where its public objects are read."""

    client: Any
    bucket: str
    base_url: str

    def url(self, target: Target) -> str:
        return f"{self.base_url}/{quote(target.key, safe=PLAIN)}"

    def ends_with_jobs(self, _: Target) -> bool:
        return False

    @asynccontextmanager
    async def stage(
        self, target: Target, *, content_type: str, is_public: bool, cache_control: str = ""
    ) -> AsyncIterator[StagedObject]:
        parts_of_key(target.key)
        headers = headers_of(content_type, cache_control, is_public=is_public)
        staged = S3Object(client=self.client, place=self._place(target), headers=headers)
        try:
            yield staged
        finally:
            # Whatever comes of it, it is not what the attempt ends with; nor does anybody wait for it long.
            with anyio.move_on_after(ABORT_TIMEOUT_S, shield=True):
                await staged.discard()

    async def presign(self, target: Target, *, expires_s: int, filename: str = "") -> str:
        place = dict(self._place(target))
        if filename:
            place["ResponseContentDisposition"] = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
        url: str = await self.client.generate_presigned_url("get_object", Params=place, ExpiresIn=expires_s)
        return url

    async def size_bytes(self, target: Target) -> int | None:
        size_bytes, version = await seen(self.client, self._place(target))
        return size_bytes if version else None

    async def version(self, target: Target) -> str:
        return (await seen(self.client, self._place(target)))[1]

    def can_copy(self, source: Target, target: Target) -> bool:
        return source.bucket == target.bucket == self.bucket

    async def copy(
        self,
        source: Target,
        stored: StoredObject,
        target: Target,
        *,
        content_type: str,
        is_public: bool,
        cache_control: str = "",
    ) -> StoredObject:
        parts_of_key(target.key)
        headers = headers_of(content_type, cache_control, is_public=is_public)
        size_bytes, version = await copy_object(
            self.client, self._place(source), stored.version, self._place(target), headers
        )
        return StoredObject(size_bytes=size_bytes, sha256=stored.sha256, version=version)

    async def fetch(self, target: Target, into: Path, *, max_bytes: int, report: Report) -> Mapping[str, Any]:
        try:
            with s3_translated(self.bucket, FETCHING):
                answer = await self.client.get_object(**self._place(target))
                body = answer["Body"]
                async with body:
                    size_bytes: int = answer["ContentLength"]
                    check_size(size_bytes, max_bytes)
                    async with open_fetched(into) as fetched:
                        # It ends at the size that was told, or with an error.
                        while chunk := await body.read(CHUNK_BYTES):
                            await fetched.write(chunk)
                            report(fetched.size_bytes / size_bytes)
        except FileNotFoundError as error:
            raise gone() from error
        return fetched.as_json()

    async def link(self, target: Target, into: Path) -> bool:  # noqa: ARG002 - it is elsewhere
        return False

    async def read(self, target: Target, *, start: int, length: int, version: str = "") -> Piece:
        asked = {**self._place(target), "Range": f"bytes={start}-{start + length - 1}"}
        if version:
            asked["IfMatch"] = version
        try:
            with s3_translated(self.bucket, FETCHING):
                try:
                    answer = await self.client.get_object(**asked)
                except ClientError as error:
                    if is_changed(error):
                        raise changed() from error
                    raise
                body = answer["Body"]
                async with body:
                    object_bytes, wanted_bytes = _range_told(answer, start, length)
                    data = bytearray()
                    # Of what is sent beyond that nothing is taken: it would stand in our memory.
                    while len(data) < wanted_bytes and (chunk := await body.read(wanted_bytes - len(data))):
                        data += chunk
        except FileNotFoundError as error:
            raise gone() from error
        if len(data) < wanted_bytes:
            raise _other_bytes()
        return Piece(data=bytes(data), object_bytes=object_bytes, version=answer.get("ETag", ""))

    async def begin_parts(self, target: Target, *, content_type: str) -> str:
        return await self._parts_of(target).begin(content_type)

    async def presign_part(
        self, target: Target, upload_id: str, number: int, *, expires_s: int, size_bytes: int | None = None
    ) -> str:
        return await self._parts_of(target).presign(
            upload_id, number, expires_s=expires_s, size_bytes=size_bytes
        )

    async def finish_parts(
        self, target: Target, upload_id: str, *, max_bytes: int, min_bytes: int = 0
    ) -> int:
        return await self._parts_of(target).finish(upload_id, max_bytes=max_bytes, min_bytes=min_bytes)

    async def abort_parts(self, target: Target, upload_id: str) -> None:
        await self._parts_of(target).abort(upload_id)

    async def delete(self, target: Target) -> None:
        with s3_translated(self.bucket):
            await self.client.delete_object(**self._place(target))

    async def take_back(self, is_abandoned: Callable[[Target], Awaitable[bool]]) -> int:
        count = 0
        # Who may write need not be allowed to list.
        with suppress(FaultError), s3_translated(self.bucket):
            pages = self.client.get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket)
            async for listed in pages:
                for upload in listed.get("Uploads", []):
                    if await is_abandoned(Target(self.bucket, upload["Key"])):
                        place = {"Bucket": self.bucket, "Key": upload["Key"]}
                        await abort_upload(self.client, place, upload["UploadId"])
                        count += 1
        return count

    async def check(self) -> None:
        with s3_translated(self.bucket):
            await self.client.head_bucket(Bucket=self.bucket)

    async def check_reading(self) -> None:
        """Look whether objects could be read, with a key that may do nothing else.

        Raises:
            OvenError: why not.

        """
        try:
            await self.client.get_object(Bucket=self.bucket, Key=NO_OBJECT)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in NOT_TO_BE_SEEN:
                return
            with s3_translated(self.bucket):
                raise
        except BotoCoreError:
            with s3_translated(self.bucket):
                raise

    def _place(self, target: Target) -> Mapping[str, str]:
        return {"Bucket": self.bucket, "Key": target.key}

    def _parts_of(self, target: Target) -> S3Parts:
        parts_of_key(target.key)
        return S3Parts(client=self.client, place=self._place(target))


def _range_told(answer: Mapping[str, Any], start: int, length: int) -> tuple[int, int]:
    """Read what a store says that it sends of a range → how long the object is, and how much should come.

    Raises:
        TransientError: DOWNLOAD_FAILED, that is not what was asked for.

    """
    # "bytes 0-4/17"; who knows no ranges gives all of it, and tells none.
    told, _, total = answer.get("ContentRange", "").partition("/")
    object_bytes = int(total) if total.isdecimal() else 0
    end = min(start + length, object_bytes)
    if told != f"bytes {start}-{end - 1}":
        raise _other_bytes()
    return object_bytes, end - start


def _other_bytes() -> TransientError:
    return TransientError(
        Code.DOWNLOAD_FAILED, "the store sent other bytes of the object than were asked for"
    )


@asynccontextmanager
async def open_s3(account: S3Account) -> AsyncIterator[Any]:
    """Make the client of an account, once: it costs about a tenth of a second."""
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": account.addressing},
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        max_pool_connections=CONNECTIONS,
        retries={"mode": "standard", "total_max_attempts": TRIES},
        # The way is checked by nobody if a proxy of the environment's is on it.
        proxies={},
        # Stores other than Amazon's own do not know the newer checksums.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    # Keys and regions are Oven's own settings: neither profiles nor files of this user's speak for it.
    quiet = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    session = aioboto3.Session(
        botocore_session=AioSession(session_vars=quiet),
        aws_access_key_id=account.access_key,
        aws_secret_access_key=account.secret_key,
        region_name=account.region,
    )
    try:
        opening = session.client("s3", endpoint_url=account.endpoint or None, config=config)
        client = await opening.__aenter__()
    except (ValueError, BotoCoreError) as error:
        raise FaultError(
            Code.SETTINGS_INVALID,
            f"the store at {account.endpoint or 'Amazon'} cannot be: {error}",
            hint="Check the endpoint and the region of the bucket's settings.",
        ) from error
    try:
        yield client
    finally:
        await opening.__aexit__(None, None, None)
