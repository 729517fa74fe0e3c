"""What the pipeline asks of the stores: objects, which appear whole."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from oven.pipeline.growing import Growing
from oven.recipes.steps import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """An object as the store holds it; `version` tells it from others under its key, as a `Piece`'s does."""

    size_bytes: int
    sha256: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some bytes of an object; `version` tells it from any other that ever stood under its key."""

    data: bytes
    object_bytes: int
    version: str


class StagedObject(Protocol):
    """An object on its way into a store, seen by nobody yet."""

    async def write(self, source: Path, growing: Growing | None = None) -> None:
        """Take a file's bytes, once; where it is still growing, as they come.

        Raises:
            BadInputError: DOWNLOAD_TOO_LARGE, a file whose size was not known has more than can be sent so.
            OvenError: STORAGE_DENIED, UPLOAD_…, DISK_FULL.

        """
        ...

    async def commit(self) -> StoredObject:
        """Make the object appear, whole, in place of any older one."""
        ...


class Storage(Protocol):
    """Where finished objects are kept; all failures are OvenErrors (STORAGE_DENIED, DISK_FULL, …)."""

    def stage(
        self, target: Target, *, content_type: str, is_public: bool, cache_control: str = ""
    ) -> AbstractAsyncContextManager[StagedObject]:
        """Begin an object; leaving without a commit leaves nothing behind."""
        ...

    def url(self, target: Target) -> str:
        """Give the public address of an object."""
        ...

    def ends_with_jobs(self, target: Target) -> bool:
        """Whether an object goes with the job that made it: so on this machine, whose disk is small."""
        ...

    async def presign(self, target: Target, *, expires_s: int, filename: str = "") -> str:
        """Give an address that opens an object, private or not, for so many seconds.

        With a `filename` it is downloaded under that name.
        """
        ...

    async def size_bytes(self, target: Target) -> int | None:
        """Give an object's size; None where there is none."""
        ...

    async def version(self, target: Target) -> str:
        """Give what tells an object from others that ever stood under its key; empty where there is none."""
        ...

    def can_copy(self, source: Target, target: Target) -> bool:
        """Whether both are in one store, which copies by itself."""
        ...

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
        """Let an object appear under another key, whole, if it is still the one that was `stored`.

        Of one and the same object nothing is changed; it is only looked at.

        Raises:
            TransientError: DOWNLOAD_CHANGED, also where it is gone, UPLOAD_….
            OvenError: STORAGE_DENIED, DISK_FULL.

        """
        ...

    async def fetch(
        self, target: Target, into: Path, *, max_bytes: int, report: Callable[[float], None]
    ) -> Mapping[str, Any]:
        """Bring an object to a file of this machine, which may be a link to it → {"sha256", "sizeBytes"}.

        Raises:
            BadInputError: NOT_FOUND, DOWNLOAD_TOO_LARGE.
            OvenError: DOWNLOAD_FAILED, DOWNLOAD_TIMEOUT, STORAGE_DENIED, DISK_FULL.

        """
        ...

    async def link(self, target: Target, into: Path) -> bool:
        """Let a file of this machine be an object, unread; False where the store is elsewhere.

        Raises:
            BadInputError: NOT_FOUND.
            OvenError: STORAGE_DENIED, DISK_FULL.

        """
        ...

    async def read(self, target: Target, *, start: int, length: int, version: str = "") -> Piece:
        """Read so many bytes of an object, or fewer where it ends before; it has one at `start` at least.

        With a `version` they are that one's, or none at all.

        Raises:
            BadInputError: NOT_FOUND.
            TransientError: DOWNLOAD_CHANGED, also where there is no such byte, DOWNLOAD_FAILED,
                DOWNLOAD_TIMEOUT.
            FaultError: STORAGE_DENIED.

        """
        ...

    async def begin_parts(self, target: Target, *, content_type: str) -> str:
        """Begin a private object that a client sends in parts, past Oven where it can → the upload's id."""
        ...

    async def presign_part(
        self, target: Target, upload_id: str, number: int, *, expires_s: int, size_bytes: int | None = None
    ) -> str:
        """Give the address that a part, counted from 1, is PUT to for so many seconds; again replaces it.

        With `size_bytes` it takes a part of just so many, so nobody sends more than they announced.
        """
        ...

    async def finish_parts(
        self, target: Target, upload_id: str, *, max_bytes: int, min_bytes: int = 0
    ) -> int:
        """Let the parts that have arrived be one object, whole → its size; one that is already is as good.

        Raises:
            BadInputError: UPLOAD_INCOMPLETE, also for less than `min_bytes`, UPLOAD_TOO_LARGE; it goes on.
            OvenError: STORAGE_DENIED, UPLOAD_…, DISK_FULL.

        """
        ...

    async def abort_parts(self, target: Target, upload_id: str) -> None:
        """Take back an upload with all its parts; one that is gone, or finished, is as good."""
        ...

    async def delete(self, target: Target) -> None:
        """Remove an object; none there is as good."""
        ...

    async def take_back(self, is_abandoned: Callable[[Target], Awaitable[bool]]) -> int:
        """Remove what killed processes, and clients, had begun to store → how many objects that were.

        Args:
            is_abandoned: whether an object is one of ours, and nobody is making it.

        """
        ...

    async def check(self) -> None:
        """Look whether objects could be stored now.

        Raises:
            OvenError: why not.

        """
        ...
