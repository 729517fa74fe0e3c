"""A store that speaks S3."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import aioboto3
import anyio
from botocore.config import Config

from oven.adapters.os_errors import translated
from oven.adapters.storage.addresses import parts_of_key
from oven.adapters.storage.s3_errors import s3_translated
from oven.domain.errors import Code, FaultError, TransientError
from oven.pipeline.ports import StagedObject, Storage, StoredObject
from oven.recipes.plan import Target

MIB = 1 << 20
# Larger files are sent in parts, which appear together.
MULTIPART_BYTES = 8 * MIB
# S3's own limit.
MAX_PARTS = 10_000
CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 30
# Tries of one request; a job's next try is the attempt's affair.
TRIES = 3
# What is always sent as it is in an object's address; a slash parts its names.
PLAIN = "/~"


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
            with anyio.CancelScope(shield=True):
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


@asynccontextmanager
async def open_s3(account: S3Account) -> AsyncIterator[Any]:
    """Make the client of an account, once: it costs about a tenth of a second."""
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": account.addressing},
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        retries={"mode": "standard", "total_max_attempts": TRIES},
        # Stores other than Amazon's own do not know the newer checksums.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    session = aioboto3.Session(
        aws_access_key_id=account.access_key,
        aws_secret_access_key=account.secret_key,
        region_name=account.region,
    )
    async with session.client("s3", endpoint_url=account.endpoint or None, config=config) as client:
        yield client


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
                await self.client.complete_multipart_upload(
                    **self.place, UploadId=self.upload_id, MultipartUpload={"Parts": self.parts}
                )
                self.upload_id = ""
            else:
                await self.client.put_object(**self.place, **self.headers, Body=self.whole)
            head = await self.client.head_object(**self.place)
        if head["ContentLength"] != self.size_bytes:
            raise TransientError(
                Code.UPLOAD_VERIFY_FAILED,
                f"the store has {head['ContentLength']:,} bytes of an object of {self.size_bytes:,}",
            )
        return StoredObject(size_bytes=self.size_bytes, sha256=self.digest.hexdigest())

    async def discard(self) -> None:
        """Take back the parts of an object that was not committed."""
        if self.upload_id:
            with s3_translated(self.place["Bucket"]):
                await self.client.abort_multipart_upload(**self.place, UploadId=self.upload_id)

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
