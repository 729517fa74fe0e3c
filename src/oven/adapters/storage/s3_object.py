"""One object on its way into an S3 store."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import structlog
from botocore.exceptions import ClientError

from oven.adapters.storage.following import follow
from oven.adapters.storage.s3_copy import seen
from oven.adapters.storage.s3_errors import is_upload_gone, s3_translated
from oven.domain.errors import BadInputError, Code, FaultError, OvenError, TransientError
from oven.pipeline.growing import Growing
from oven.pipeline.storage import StagedObject, StoredObject

MIB = 1 << 20
# Larger files are sent in parts, which appear together.
MULTIPART_BYTES = 8 * MIB
# S3's own limit.
MAX_PARTS = 10_000
# Parts in memory at most, those on the wire and the one that is read: while some wait for the store's
# answers, others are sent. Of a store that is 50 ms away, three fill a wire of a gigabit.
PARTS_AT_ONCE = 3
# So long whoever is stopped waits to hear which upload the store has begun.
GRACE_S = 1.0
log = structlog.get_logger("oven.storage")


@dataclass(slots=True, kw_only=True)
class S3Object(StagedObject):
    """An object on its way: small ones wait for the commit, of large ones the parts are sent before."""

    client: Any
    place: Mapping[str, str]
    headers: Mapping[str, str]
    max_parts: int = MAX_PARTS
    size_bytes: int = 0
    sha256: str = ""
    whole: bytes = b""
    upload_id: str = ""
    # A store may have begun an upload whose id nobody has heard.
    is_nameless: bool = False
    tags: dict[int, str] = field(default_factory=dict)

    async def write(self, source: Path, growing: Growing | None = None) -> None:
        async with follow(source, growing) as following:
            read = partial(following.read, self._part_bytes(following.growing))
            self.whole = await read()
            if not await following.is_at_end():
                await self._begin()
                await self._send_all(read)
            self.size_bytes, self.sha256 = following.size_bytes, following.digest.hexdigest()

    async def commit(self) -> StoredObject:
        with s3_translated(self.place["Bucket"]):
            if self.upload_id:
                await self._complete()
            else:
                await self.client.put_object(**self.place, **self.headers, Body=self.whole)
        size_bytes, etag = await seen(self.client, self.place)
        if size_bytes != self.size_bytes:
            raise TransientError(
                Code.UPLOAD_VERIFY_FAILED,
                f"the store has {size_bytes:,} bytes of an object of {self.size_bytes:,}",
            )
        return StoredObject(size_bytes=self.size_bytes, sha256=self.sha256, version=etag)

    async def discard(self) -> None:
        """Take back the parts of an object that was not committed."""
        try:
            if self.upload_id:
                await abort_upload(self.client, self.place, self.upload_id)
            elif self.is_nameless:
                await self._abort_others()
        except OvenError as error:
            log.warning("parts_left", bucket=self.place["Bucket"], key=self.place["Key"], code=error.code)

    @property
    def parts(self) -> list[Mapping[str, Any]]:
        """What was sent, in its order, as the store wants to be told."""
        return [{"PartNumber": number, "ETag": tag} for number, tag in sorted(self.tags.items())]

    def _part_bytes(self, growing: Growing) -> int:
        """Give the size of parts of which there are not too many, as far as the file's size is known."""
        known_bytes = growing.size_bytes if growing.is_whole else 0
        return max(MULTIPART_BYTES, -(-known_bytes // self.max_parts))

    async def _begin(self) -> None:
        """Begin the parts; whoever is stopped meanwhile still learns what to take back."""
        await self._abort_others()
        failures: list[OvenError] = []

        async def begin() -> None:
            try:
                with s3_translated(self.place["Bucket"]):
                    begun = await self.client.create_multipart_upload(**self.place, **self.headers)
                self.upload_id = begun["UploadId"]
            except OvenError as error:
                # Who refuses has begun nothing.
                self.is_nameless = not isinstance(error, FaultError)
                failures.append(error)

        self.is_nameless = True
        await outlasting(begin, grace_s=GRACE_S)
        if failures:
            raise failures[0]

    async def _complete(self) -> None:
        """Let the parts appear as one object; where the answers were lost, see whether they did."""
        try:
            with s3_translated(self.place["Bucket"]):
                await self.client.complete_multipart_upload(
                    **self.place, UploadId=self.upload_id, MultipartUpload={"Parts": self.parts}
                )
        except TransientError:
            _, etag = await seen(self.client, self.place)
            if etag.strip('"') != self._etag():
                raise
        self.upload_id = ""

    def _etag(self) -> str:
        """Give the tag of an object in parts: the MD5 of their MD5s, and how many they are."""
        digests = b"".join(bytes.fromhex(part["ETag"].strip('"')) for part in self.parts)
        return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(self.parts)}"

    async def _send_all(self, read: Callable[[], Awaitable[bytes]]) -> None:
        """Send what was read, and what can be read after it, in parts side by side."""
        room = anyio.Semaphore(PARTS_AT_ONCE)
        failures: list[OvenError] = []
        async with anyio.create_task_group() as group:

            async def send(number: int, part: bytes) -> None:
                try:
                    await self._send(number, part)
                    room.release()
                except OvenError as error:
                    failures.append(error)
                    group.cancel_scope.cancel()

            try:
                part, self.whole = self.whole, b""
                number = 0
                await room.acquire()
                while part:
                    number += 1
                    group.start_soon(send, number, part)
                    # Let go of before there is room for the next.
                    del part
                    await room.acquire()
                    part = await read()
            except OvenError as error:
                failures.append(error)
                group.cancel_scope.cancel()
        # A task group would wrap it: raised outside.
        if failures:
            raise failures[0]

    async def _send(self, number: int, part: bytes) -> None:
        if number > self.max_parts:
            limit_bytes = self.max_parts * MULTIPART_BYTES
            text = (
                f"the file has more than {limit_bytes:,} bytes, the most that can be stored while it arrives"
            )
            raise BadInputError(Code.DOWNLOAD_TOO_LARGE, text)
        with s3_translated(self.place["Bucket"]):
            sent = await self.client.upload_part(
                **self.place, UploadId=self.upload_id, PartNumber=number, Body=part
            )
        self.tags[number] = sent["ETag"]

    async def _abort_others(self) -> None:
        """Take back what a killed process had sent of this object: jobs that write it run one by one."""
        key = self.place["Key"]
        # Who may write need not be allowed to list.
        with suppress(FaultError), s3_translated(self.place["Bucket"]):
            listed = await self.client.list_multipart_uploads(Bucket=self.place["Bucket"], Prefix=key)
            for upload in listed.get("Uploads", []):
                if upload["Key"] == key:
                    await abort_upload(self.client, self.place, upload["UploadId"])


async def abort_upload(client: Any, place: Mapping[str, str], upload_id: str) -> None:
    """Take back an upload in parts; one that is gone is as good.

    Raises:
        OvenError: STORAGE_DENIED, UPLOAD_FAILED, UPLOAD_TIMEOUT.

    """
    with s3_translated(place["Bucket"]):
        try:
            await client.abort_multipart_upload(**place, UploadId=upload_id)
        except ClientError as error:
            if not is_upload_gone(error):
                raise


async def outlasting(do: Callable[[], Awaitable[None]], *, grace_s: float) -> None:
    """Do what must not be torn off: who is cancelled meanwhile waits for its end, so many seconds more."""

    async def limit(scope: anyio.CancelScope) -> None:
        try:
            await anyio.sleep_forever()
        finally:
            scope.deadline = anyio.current_time() + grace_s

    async with anyio.create_task_group() as group:
        with anyio.CancelScope(shield=True) as scope:
            group.start_soon(limit, scope)
            await do()
        group.cancel_scope.cancel()
