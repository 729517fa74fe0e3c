"""A store that speaks S3."""

import hashlib
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import aioboto3
import anyio
import structlog
from aiobotocore.session import AioSession
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from oven.adapters.os_errors import translated
from oven.adapters.storage.addresses import parts_of_key
from oven.adapters.storage.s3_errors import s3_translated
from oven.domain.errors import Code, FaultError, OvenError, TransientError
from oven.pipeline.ports import StagedObject, Storage, StoredObject
from oven.recipes.plan import Target

MIB = 1 << 20
# Larger files are sent in parts, which appear together.
MULTIPART_BYTES = 8 * MIB
# An attempt that was killed has to be written down as handed back soon after.
ABORT_TIMEOUT_S = 3.0
# S3's own limit.
MAX_PARTS = 10_000
CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 30
# Tries of one request; a job's next try is the attempt's affair.
TRIES = 3
# What is always sent as it is in an object's address; a slash parts its names.
PLAIN = "/~"
# A key that nothing is under; who may not list is told the same as who may not read it.
NO_OBJECT = "oven-check/nothing"
NOT_TO_BE_SEEN = {"NoSuchKey", "AccessDenied"}
log = structlog.get_logger("oven.storage")


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
        headers = {"ContentType": content_type, "ACL": "public-read" if is_public else "private"}
        if cache_control:
            headers["CacheControl"] = cache_control
        place = {"Bucket": self.bucket, "Key": target.key}
        staged = _S3Object(client=self.client, place=place, headers=headers)
        try:
            yield staged
        finally:
            # Whatever comes of it, it is not what the attempt ends with; nor does anybody wait for it long.
            with anyio.move_on_after(ABORT_TIMEOUT_S, shield=True):
                await staged.discard()

    async def presign(self, target: Target, *, expires_s: int, filename: str = "") -> str:
        place = {"Bucket": self.bucket, "Key": target.key}
        if filename:
            place["ResponseContentDisposition"] = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
        url: str = await self.client.generate_presigned_url("get_object", Params=place, ExpiresIn=expires_s)
        return url

    async def size_bytes(self, target: Target) -> int | None:
        try:
            with s3_translated(self.bucket):
                head = await self.client.head_object(Bucket=self.bucket, Key=target.key)
        except FileNotFoundError:
            return None
        size: int = head["ContentLength"]
        return size

    async def copy(self, source: Target, target: Target, *, is_public: bool) -> None:
        with s3_translated(self.bucket):
            await self.client.copy_object(
                Bucket=self.bucket,
                Key=target.key,
                CopySource={"Bucket": self.bucket, "Key": source.key},
                ACL="public-read" if is_public else "private",
            )

    async def delete(self, target: Target) -> None:
        with s3_translated(self.bucket):
            await self.client.delete_object(Bucket=self.bucket, Key=target.key)

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


@asynccontextmanager
async def open_s3(account: S3Account) -> AsyncIterator[Any]:
    """Make the client of an account, once: it costs about a tenth of a second."""
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": account.addressing},
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
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


@dataclass(slots=True, kw_only=True)
class _S3Object(StagedObject):
    """An object on its way: small ones wait for the commit, of large ones the parts are sent before."""

    client: Any
    place: Mapping[str, str]
    headers: Mapping[str, str]
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    size_bytes: int = 0
    whole: bytes = b""
    upload_id: str = ""
    parts: list[Mapping[str, Any]] = field(default_factory=list)

    async def write(self, source: Path) -> None:
        with translated("reading the file to store"):
            size_bytes = (await anyio.Path(source).stat()).st_size
            opened = await anyio.to_thread.run_sync(source.open, "rb")
        with opened:
            if size_bytes <= MULTIPART_BYTES:
                self.whole = await self._read(opened, MULTIPART_BYTES)
                return
            await self._abort_others()
            with s3_translated(self.place["Bucket"]):
                begun = await self.client.create_multipart_upload(**self.place, **self.headers)
            self.upload_id = begun["UploadId"]
            part_bytes = max(MULTIPART_BYTES, -(-size_bytes // MAX_PARTS))
            while part := await self._read(opened, part_bytes):
                await self._send(part)

    async def commit(self) -> StoredObject:
        with s3_translated(self.place["Bucket"]):
            if self.upload_id:
                await self._complete()
            else:
                await self.client.put_object(**self.place, **self.headers, Body=self.whole)
        size_bytes, _ = await self._seen()
        if size_bytes != self.size_bytes:
            raise TransientError(
                Code.UPLOAD_VERIFY_FAILED,
                f"the store has {size_bytes:,} bytes of an object of {self.size_bytes:,}",
            )
        return StoredObject(size_bytes=self.size_bytes, sha256=self.digest.hexdigest())

    async def discard(self) -> None:
        """Take back the parts of an object that was not committed."""
        if self.upload_id:
            try:
                with s3_translated(self.place["Bucket"]):
                    await self.client.abort_multipart_upload(**self.place, UploadId=self.upload_id)
            except OvenError as error:
                log.warning("parts_left", bucket=self.place["Bucket"], key=self.place["Key"], code=error.code)

    async def _complete(self) -> None:
        """Let the parts appear as one object; where the answers were lost, see whether they did."""
        try:
            with s3_translated(self.place["Bucket"]):
                await self.client.complete_multipart_upload(
                    **self.place, UploadId=self.upload_id, MultipartUpload={"Parts": self.parts}
                )
        except TransientError:
            _, etag = await self._seen()
            if etag != self._etag():
                raise
        self.upload_id = ""

    async def _seen(self) -> tuple[int, str]:
        """Ask the store for the object's size and tag; nothing where it has none."""
        try:
            with s3_translated(self.place["Bucket"]):
                head = await self.client.head_object(**self.place)
        except FileNotFoundError:
            return 0, ""
        return head["ContentLength"], head["ETag"].strip('"')

    def _etag(self) -> str:
        """Give the tag of an object in parts: the MD5 of their MD5s, and how many they are."""
        digests = b"".join(bytes.fromhex(part["ETag"].strip('"')) for part in self.parts)
        return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(self.parts)}"

    async def _read(self, opened: BinaryIO, size_bytes: int) -> bytes:
        def read() -> bytes:
            with translated("reading the file to store"):
                chunk = opened.read(size_bytes)
            self.digest.update(chunk)
            return chunk

        chunk = await anyio.to_thread.run_sync(read)
        self.size_bytes += len(chunk)
        return chunk

    async def _send(self, part: bytes) -> None:
        number = len(self.parts) + 1
        with s3_translated(self.place["Bucket"]):
            sent = await self.client.upload_part(
                **self.place, UploadId=self.upload_id, PartNumber=number, Body=part
            )
        self.parts.append({"PartNumber": number, "ETag": sent["ETag"]})

    async def _abort_others(self) -> None:
        """Take back what a killed process had sent of this object: jobs that write it run one by one."""
        key = self.place["Key"]
        # Who may write need not be allowed to list.
        with suppress(FaultError), s3_translated(self.place["Bucket"]):
            listed = await self.client.list_multipart_uploads(Bucket=self.place["Bucket"], Prefix=key)
            for upload in listed.get("Uploads", []):
                if upload["Key"] == key:
                    await self.client.abort_multipart_upload(**self.place, UploadId=upload["UploadId"])
