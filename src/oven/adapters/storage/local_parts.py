"""Objects that clients send to this machine in parts, by links."""

import hashlib
import re
import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import anyio
import orjson

from oven.adapters.os_errors import translated
from oven.adapters.storage.local_object import CHUNK_BYTES, LocalObject, begin
from oven.domain.errors import BadInputError, Code, NotFoundError, OvenError, TooLargeError, TransientError
from oven.domain.parts import MAX_PART_BYTES, Part, whole_bytes_of
from oven.domain.signing import is_signed, sign_link
from oven.recipes.steps import Target

# What the query of a link holds; a size is there where a part must have it.
LINK = ("bucket", "upload", "part", "size", "expires", "signature")
# Signed with the rest, so that no link to read is one to write; no bucket is called so.
PURPOSE = "PUT"
UPLOAD_ID = re.compile(r"[0-9a-f]{32}")
RECORD = ".json"
DIGITS = 5
JOINING = "joining the parts of an object"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalParts:
    """Uploads under way, below `folder`: of each a record of what it will be, and its parts beside.

    Without its record an upload is over, whatever else is left of it.
    """

    folder: Path
    link_key: bytes = field(repr=False)
    now_s: Callable[[], int]

    def begin(self, target: Target) -> str:
        """Begin an upload, in a thread → its id."""
        upload_id = secrets.token_hex(16)
        record = begin(self._record(upload_id))
        try:
            record.append(orjson.dumps(list(target)))
            record.settle()
        finally:
            record.discard()
        return upload_id

    def sign(
        self, target: Target, upload_id: str, number: int, *, expires_s: int, size_bytes: int | None = None
    ) -> str:
        """Give the query of the link that a part is put to."""
        size = "" if size_bytes is None else str(size_bytes)
        until_s, said = self.now_s() + expires_s, (target.bucket, upload_id, str(number), size)
        signature = sign_link(self.link_key, PURPOSE, target.key, *said, expires_s=until_s)
        held = dict(zip(LINK, (*said, str(until_s), signature), strict=True))
        return urlencode({name: value for name, value in held.items() if value})

    async def take(self, key: str, query: Mapping[str, str], chunks: AsyncIterator[bytes]) -> str:
        """Take the part that a link is for; in place of an older one, once it is whole → its tag.

        Raises:
            NotFoundError: NOT_FOUND, the link is not ours or has expired, or the upload is over.
            TooLargeError: UPLOAD_TOO_LARGE.
            BadInputError: UPLOAD_INCOMPLETE, the part has fewer bytes than its link is for.
            OvenError: DISK_FULL, STORAGE_DENIED.

        """
        bucket, upload_id, number, size, expires, signature = (query.get(name, "") for name in LINK)
        said = (PURPOSE, key, bucket, upload_id, number, size)
        if not is_signed(self.link_key, *said, expires=expires, signature=signature, now_s=self.now_s()):
            raise NotFoundError(Code.NOT_FOUND, "this link has expired, or is not one of this Oven")
        part = await anyio.to_thread.run_sync(self._begin_part, Target(bucket, key), upload_id, int(number))
        digest, size_bytes = hashlib.sha256(), 0
        most = min(int(size), MAX_PART_BYTES) if size else MAX_PART_BYTES

        def write(chunk: bytes) -> None:
            digest.update(chunk)
            part.append(chunk)

        try:
            async for chunk in chunks:
                size_bytes += len(chunk)
                if size_bytes > most:
                    text = f"the part has more than {most:,} bytes, which is the limit"
                    raise TooLargeError(Code.UPLOAD_TOO_LARGE, text)
                await anyio.to_thread.run_sync(write, chunk)
            if size and size_bytes < int(size):
                text = f"the part has {size_bytes:,} bytes; its link is for {int(size):,}"
                raise BadInputError(Code.UPLOAD_INCOMPLETE, text, hint="Put it again, whole.")
            await anyio.to_thread.run_sync(self._end_part, part, upload_id)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(part.discard)
        return digest.hexdigest()

    def join(
        self, target: Target, upload_id: str, place: Path, *, max_bytes: int, min_bytes: int = 0
    ) -> int | None:
        """Make one object of an upload's parts, in a thread → its size; None where the upload is over.

        Raises:
            BadInputError: UPLOAD_INCOMPLETE, UPLOAD_TOO_LARGE.
            TransientError: UPLOAD_VERIFY_FAILED, a part was replaced meanwhile; DISK_FULL.
            FaultError: STORAGE_DENIED.

        """
        if self._target_of(upload_id) != target:
            return None
        with translated(JOINING):
            try:
                arrived = sorted(self._arrived(upload_id))
                whole_bytes = whole_bytes_of(arrived, max_bytes=max_bytes, min_bytes=min_bytes)
                _join([self._part(upload_id, part.number) for part in arrived], place, whole_bytes)
            except FileNotFoundError:
                # Who asked for the same at the same time was faster.
                return None
        self.drop(upload_id)
        return whole_bytes

    def drop(self, upload_id: str) -> None:
        """End an upload, in a thread: its parts go."""
        if UPLOAD_ID.fullmatch(upload_id):
            with translated("taking back an upload"):
                self._record(upload_id).unlink(missing_ok=True)
            shutil.rmtree(self.folder / upload_id, ignore_errors=True)

    def uploads(self) -> Mapping[str, Target]:
        """Give all that is under way, by id, in a thread; what is left of ended ones goes."""
        found: dict[str, Target] = {}
        with translated("looking for uploads"):
            names = [path.name for path in self.folder.iterdir()] if self.folder.is_dir() else []
        for upload_id in {name.removesuffix(RECORD) for name in names}:
            target = self._target_of(upload_id)
            if target is None:
                self.drop(upload_id)
            else:
                found[upload_id] = target
        return found

    def _begin_part(self, target: Target, upload_id: str, number: int) -> LocalObject:
        if self._target_of(upload_id) != target:
            raise _over()
        with self._under_way(upload_id):
            return begin(self._part(upload_id, number))

    def _end_part(self, part: LocalObject, upload_id: str) -> None:
        with self._under_way(upload_id):
            part.settle()
        if self._target_of(upload_id) is None:
            raise _over()

    @contextmanager
    def _under_way(self, upload_id: str) -> Iterator[None]:
        """Tell failures that come of an upload's end, which takes its folder, from those of the disk."""
        try:
            yield
        except OvenError:
            if self._target_of(upload_id) is None:
                raise _over() from None
            raise

    def _target_of(self, upload_id: str) -> Target | None:
        """Give what an upload will be; None where there is none of this id, or it is over."""
        if not UPLOAD_ID.fullmatch(upload_id):
            return None
        with translated("looking for an upload"):
            try:
                bucket, key = orjson.loads(self._record(upload_id).read_bytes())
            except (FileNotFoundError, ValueError):
                # Damaged by the disk is as good as over: nobody could end it.
                return None
        return Target(bucket, key)

    def _arrived(self, upload_id: str) -> list[Part]:
        folder = self.folder / upload_id
        files = folder.iterdir() if folder.is_dir() else []
        return [Part(int(file.name), file.stat().st_size) for file in files if file.name.isdecimal()]

    def _record(self, upload_id: str) -> Path:
        return self.folder / f"{upload_id}{RECORD}"

    def _part(self, upload_id: str, number: int) -> Path:
        return self.folder / upload_id / f"{number:0{DIGITS}}"


def _join(parts: Sequence[Path], place: Path, whole_bytes: int) -> None:
    joined, size_bytes = begin(place), 0
    try:
        for part in parts:
            with part.open("rb") as file:
                while chunk := file.read(CHUNK_BYTES):
                    anyio.from_thread.check_cancelled()
                    joined.append(chunk)
                    size_bytes += len(chunk)
        if size_bytes != whole_bytes:
            raise TransientError(Code.UPLOAD_VERIFY_FAILED, "a part was replaced while all were joined")
        joined.settle()
    finally:
        joined.discard()


def _over() -> NotFoundError:
    return NotFoundError(Code.NOT_FOUND, "this upload is over")
