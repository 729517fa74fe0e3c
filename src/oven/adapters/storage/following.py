"""A file to store, read behind whoever may still be writing it."""

import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import anyio

from oven.adapters.os_errors import translated
from oven.domain.errors import Code, TransientError
from oven.pipeline.growing import Growing

READING = "reading the file to store"


@dataclass(slots=True, kw_only=True)
class Following:
    """How far a file has been read, and what was read of it; `growing` tells how far it can be."""

    file: BinaryIO
    growing: Growing
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    size_bytes: int = 0

    async def read(self, part_bytes: int) -> bytes:
        """Give the next part, once it can be read whole; the last may be shorter, and beyond it is nothing.

        Raises:
            TransientError: UPLOAD_FAILED, the file has become shorter; DISK_FULL, INTERNAL.
            FaultError: STORAGE_DENIED.

        """
        there = await self.growing.reach(self.size_bytes + part_bytes)
        wanted = max(0, min(part_bytes, there - self.size_bytes))
        part = await anyio.to_thread.run_sync(self._read, wanted)
        if len(part) < wanted:
            raise TransientError(Code.UPLOAD_FAILED, "the file to store became shorter while it was read")
        self.size_bytes += len(part)
        return part

    async def is_at_end(self) -> bool:
        """Whether all of the file was read; waits until that can be told."""
        return await self.growing.reach(self.size_bytes + 1) <= self.size_bytes

    def _read(self, size_bytes: int) -> bytes:
        with translated(READING):
            part = self.file.read(size_bytes)
        self.digest.update(part)
        return part


@asynccontextmanager
async def follow(source: Path, growing: Growing | None) -> AsyncIterator[Following]:
    """Open a file that stands there whole, or, with `growing`, once its first byte can be read.

    Raises:
        OvenError: as `Following.read`.

    """
    if growing is not None:
        await growing.reach(1)
    with translated(READING):
        file = await anyio.to_thread.run_sync(source.open, "rb")
    with file:
        whole = Growing(size_bytes=os.fstat(file.fileno()).st_size, is_whole=True)
        yield Following(file=file, growing=whole if growing is None else growing)
