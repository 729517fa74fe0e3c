"""A file that is being fetched: it grows on the disk, with its digest, within its limit."""

import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import aiohttp
import anyio

from oven.adapters.os_errors import translated
from oven.domain.errors import BadInputError, Code, TransientError
from oven.pipeline.growing import Growing
from oven.pipeline.ports import Report

# Below this average, after a while, a host is wasting our time.
MIN_BYTES_PER_S = 32 * 1024
PATIENCE_S = 10.0
# A host can send for ever without a byte of the file: what stands between the chunks of its answer.
STALL_S = 15.0
CHUNK_BYTES = 1_048_576


@dataclass(slots=True, kw_only=True)
class Download:
    """One file, from one answer or from several that go on with one another.

    `label` names it in messages; `growing` hears how much of it can be read by whoever opens it.
    """

    file: BinaryIO
    label: str
    max_bytes: int
    growing: Growing | None
    report: Report
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    size_bytes: int = 0

    async def receive(self, response: aiohttp.ClientResponse, whole_bytes: int | None) -> None:
        """Write an answer's body behind what is there; `whole_bytes` is the whole file's size, if known.

        Raises:
            BadInputError: DOWNLOAD_TOO_LARGE.
            TimeoutError: nothing came for a while.
            TransientError: DOWNLOAD_TOO_SLOW, DOWNLOAD_TRUNCATED, DOWNLOAD_CHANGED, DISK_FULL, INTERNAL.
            FaultError: STORAGE_DENIED.

        """
        self._check_size(self.size_bytes if whole_bytes is None else whole_bytes)
        # Each connection is judged by its own pace: between two of them nobody sends.
        began, had_bytes = time.monotonic(), self.size_bytes
        while chunk := await _read(response):
            size_bytes = self.size_bytes + len(chunk)
            self._check_size(size_bytes)
            if whole_bytes is not None and size_bytes > whole_bytes:
                text = f"the source sends more than the {whole_bytes:,} bytes that it told"
                raise TransientError(Code.DOWNLOAD_CHANGED, text)
            await anyio.to_thread.run_sync(self._write, chunk)
            self.size_bytes = size_bytes
            if self.growing is not None:
                self.growing.grow(size_bytes)
            took_s = time.monotonic() - began
            if took_s > PATIENCE_S and (size_bytes - had_bytes) / took_s < MIN_BYTES_PER_S:
                text = f"the host of {self.label} sends less than {MIN_BYTES_PER_S:,} bytes a second"
                raise TransientError(Code.DOWNLOAD_TOO_SLOW, text)
            if whole_bytes:
                self.report(size_bytes / whole_bytes)
        if whole_bytes is None and _was_reset(response):
            text = "the connection was reset before the file had ended"
            raise TransientError(Code.DOWNLOAD_TRUNCATED, text)

    async def close(self) -> None:
        """Let go of the file: a full disk may only show here.

        Raises:
            OvenError: DISK_FULL, STORAGE_DENIED.

        """
        with translated(f"fetching {self.label}"):
            await anyio.to_thread.run_sync(self.file.close)

    def _write(self, chunk: bytes) -> None:
        # Only the file's own errors are the disk's: the network's are told by the way out.
        with translated(f"fetching {self.label}"):
            self.digest.update(chunk)
            self.file.write(chunk)
            # What is still held back here is seen by nobody else.
            self.file.flush()

    def _check_size(self, size_bytes: int) -> None:
        if size_bytes > self.max_bytes:
            raise BadInputError(
                Code.DOWNLOAD_TOO_LARGE,
                f"{self.label} has more than {self.max_bytes:,} bytes, which is the limit",
            )


@asynccontextmanager
async def open_download(
    into: Path, *, label: str, max_bytes: int, growing: Growing | None, report: Report
) -> AsyncIterator[Download]:
    """Begin a file, over whatever stands there.

    Raises:
        OvenError: DISK_FULL, STORAGE_DENIED.

    """
    with translated(f"fetching {label}"):
        opened = await anyio.to_thread.run_sync(into.open, "wb")
    with opened:
        download = Download(file=opened, label=label, max_bytes=max_bytes, growing=growing, report=report)
        yield download
        await download.close()


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Give what has come of a body; nothing at its end.

    Raises:
        TimeoutError: nothing of it came for a while.

    """
    with anyio.fail_after(STALL_S):
        return await response.content.read(CHUNK_BYTES)


def _was_reset(response: aiohttp.ClientResponse) -> bool:
    """Whether a body that lasts until its connection ends (HTTP/1.0) was ended by an error.

    aiohttp takes any end for the right one there, and lets go of the connection before it can be asked.
    """
    if "chunked" in response.headers.get("Transfer-Encoding", "").lower():
        return False
    protocol = response._protocol  # noqa: SLF001 - all that is left of the connection
    return protocol is not None and isinstance(protocol.exception(), OSError)
