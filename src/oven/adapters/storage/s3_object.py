"""One object on its way into an S3 store."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import anyio
import structlog

from oven.adapters.os_errors import translated
from oven.adapters.storage.s3_errors import s3_translated
from oven.domain.errors import Code, FaultError, OvenError, TransientError
from oven.pipeline.storage import StagedObject, StoredObject

MIB = 1 << 20
# Larger files are sent in parts, which appear together.
MULTIPART_BYTES = 8 * MIB
# S3's own limit.
MAX_PARTS = 10_000
log = structlog.get_logger("oven.storage")


@dataclass(slots=True, kw_only=True)
class S3Object(StagedObject):
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
