"""An object that a client sends to an S3 store itself, in parts, by links."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import anyio
from botocore.exceptions import ClientError

from oven.adapters.storage.s3_errors import is_upload_gone, s3_translated
from oven.adapters.storage.s3_object import abort_upload
from oven.domain.errors import Code, OvenError, TransientError
from oven.domain.parts import Part, gone, whole_bytes_of

# So many parts stand on one page of a store's list.
PAGE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Parts:
    """The parts' half of the `Storage` port, for one object; `place` is its bucket and key."""

    client: Any
    place: Mapping[str, str]
    page: int = PAGE

    async def begin(self, content_type: str) -> str:
        with s3_translated(self.place["Bucket"]):
            begun = await self.client.create_multipart_upload(
                **self.place, ContentType=content_type, ACL="private"
            )
        upload_id: str = begun["UploadId"]
        return upload_id

    async def presign(
        self, upload_id: str, number: int, *, expires_s: int, size_bytes: int | None = None
    ) -> str:
        part: dict[str, Any] = {**self.place, "UploadId": upload_id, "PartNumber": number}
        if size_bytes is not None:
            # Signed with the rest, so the store takes no other length.
            part["ContentLength"] = size_bytes
        # Signing waits for nothing, and a thousand links take a third of a second.
        await anyio.lowlevel.checkpoint()
        url: str = await self.client.generate_presigned_url("upload_part", Params=part, ExpiresIn=expires_s)
        return url

    async def finish(self, upload_id: str, *, max_bytes: int, min_bytes: int = 0) -> int:
        listed = await self._listed(upload_id)
        if listed is None:
            if (size_bytes := await self._size_bytes()) is None:
                raise gone()
            return size_bytes
        arrived = [Part(part["PartNumber"], part["Size"]) for part in listed]
        whole_bytes = whole_bytes_of(arrived, max_bytes=max_bytes, min_bytes=min_bytes)
        tags = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in listed]
        try:
            with s3_translated(self.place["Bucket"]):
                await self.client.complete_multipart_upload(
                    **self.place, UploadId=upload_id, MultipartUpload={"Parts": tags}
                )
        except OvenError:
            # Answers may be lost, or another may have ended it: what stands there counts.
            if await self._size_bytes() != whole_bytes:
                raise
            return whole_bytes
        size_bytes = await self._size_bytes()
        if size_bytes != whole_bytes:
            raise TransientError(
                Code.UPLOAD_VERIFY_FAILED,
                f"the store has {size_bytes or 0:,} bytes of an object of {whole_bytes:,}",
            )
        return whole_bytes

    async def abort(self, upload_id: str) -> None:
        await abort_upload(self.client, self.place, upload_id)

    async def _listed(self, upload_id: str) -> list[Mapping[str, Any]] | None:
        """List the parts that have arrived, page by page; None where there is no such upload."""
        parts: list[Mapping[str, Any]] = []
        page: Mapping[str, Any] = {"IsTruncated": True, "NextPartNumberMarker": 0}
        with s3_translated(self.place["Bucket"]):
            while page.get("IsTruncated"):
                try:
                    page = await self.client.list_parts(
                        **self.place,
                        UploadId=upload_id,
                        MaxParts=self.page,
                        PartNumberMarker=page["NextPartNumberMarker"],
                    )
                except ClientError as error:
                    if is_upload_gone(error):
                        return None
                    raise
                parts += page.get("Parts", [])
        return parts

    async def _size_bytes(self) -> int | None:
        """Ask the store for the object's size; None where it has none."""
        try:
            with s3_translated(self.place["Bucket"]):
                head = await self.client.head_object(**self.place)
        except FileNotFoundError:
            return None
        size_bytes: int = head["ContentLength"]
        return size_bytes
