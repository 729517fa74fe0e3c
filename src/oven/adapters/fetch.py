"""Fetching a stranger's file: bounded in size, time and patience."""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import aiohttp
import anyio
from yarl import URL

from oven.adapters.egress import Egress
from oven.adapters.os_errors import translated
from oven.adapters.private_source import PrivateSource
from oven.domain.errors import BadInputError, Code, FaultError, TransientError
from oven.pipeline.growing import Growing
from oven.pipeline.ports import Report

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 15.0
TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S, sock_read=READ_TIMEOUT_S)
# Below this average, after a while, a host is wasting our time.
MIN_BYTES_PER_S = 32 * 1024
PATIENCE_S = 10.0
CHUNK_BYTES = 1_048_576
MAX_REDIRECTS = 3
REDIRECTS = {301, 302, 303, 307, 308}
OK = 200
DENIED = {401, 403}
# A link to a private source outlasts its download.
LINK_GRACE_S = 60
# Refusals that may be another answer next time: timeout, too early, too many.
PASSING = {408, 425, 429}
SERVER_ERROR = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpFetcher:
    """The `Fetcher` port; `open_url` gives back a URL as it came from what was stored of it."""

    egress: Egress
    timeout_s: float
    source_hosts: frozenset[str]
    private: PrivateSource | None = None
    open_url: Callable[[str], str] = str

    def check(self, text: str, name: str) -> None:
        """Refuse a source that may not be fetched, before anything is done with it.

        Raises:
            BadInputError: URL_INVALID, URL_BLOCKED.

        """
        if self.private is None or self.private.key_of(text) is None:
            self.egress.check(text, name, only=self.source_hosts)

    async def fetch(
        self,
        url: str,
        into: Path,
        *,
        label: str,  # noqa: ARG002
        max_bytes: int,
        timeout_s: float | None,  # noqa: ARG002
        growing: Growing | None = None,  # noqa: ARG002
        report: Report,
    ) -> Mapping[str, Any]:
        given = self.open_url(url)
        key = None if self.private is None else self.private.key_of(given)
        try:
            # Around all of it: a client's own clock begins anew with every hop.
            with anyio.fail_after(self.timeout_s):
                if self.private is not None and key is not None:
                    return await self._fetch_private(
                        self.private, key, into, max_bytes=max_bytes, report=report
                    )
                return await self._fetch_public(given, into, max_bytes=max_bytes, report=report)
        except TimeoutError as error:
            text = f"the source took more than {self.timeout_s:g} s"
            raise TransientError(Code.DOWNLOAD_TIMEOUT, text) from error

    async def _fetch_public(
        self, given: str, into: Path, *, max_bytes: int, report: Report
    ) -> Mapping[str, Any]:
        current = self.egress.check(given, "zipUrl", only=self.source_hosts)
        for _ in range(MAX_REDIRECTS + 1):
            async with self.egress.request("GET", current, limits=TIMEOUT, headers={}) as response:
                if response.status not in REDIRECTS:
                    return await self._save(response, into, max_bytes=max_bytes, report=report)
                current = self._next(current, response.headers.get("Location", ""))
        raise BadInputError(Code.TOO_MANY_REDIRECTS, f"the source redirects more than {MAX_REDIRECTS} times")

    async def _fetch_private(
        self, private: PrivateSource, key: str, into: Path, *, max_bytes: int, report: Report
    ) -> Mapping[str, Any]:
        """Fetch from the operator's own bucket, within the same bounds, by a link of its own."""
        egress = private.egress()
        link = await private.presign(key, expires_s=round(self.timeout_s) + LINK_GRACE_S)
        # Ours, however long it is; where it leads is checked at the socket, as ever.
        async with egress.request("GET", URL(link, encoded=True), limits=TIMEOUT, headers={}) as response:
            if response.status in DENIED:
                raise FaultError(
                    Code.STORAGE_DENIED,
                    f"the store refuses to read from the bucket {private.bucket}",
                    hint="Check ART_SPACES_KEY and ART_SPACES_SECRET, and the rights of that key.",
                )
            return await self._save(response, into, max_bytes=max_bytes, report=report)

    def _next(self, current: URL, location: str) -> URL:
        try:
            target = current.join(URL(location, encoded=True))
        except ValueError as error:
            raise BadInputError(Code.URL_INVALID, "the source redirects to what is no URL") from error
        if current.scheme == "https" and target.scheme == "http":
            raise BadInputError(Code.URL_BLOCKED, "the source redirects from https to http")
        return self.egress.check(str(target), "the redirect of zipUrl", only=self.source_hosts)

    async def _save(
        self, response: aiohttp.ClientResponse, into: Path, *, max_bytes: int, report: Report
    ) -> Mapping[str, Any]:
        _check_answer(response)
        declared = response.content_length
        if declared is not None and declared > max_bytes:
            raise _too_large(max_bytes)
        began = time.monotonic()
        # Only the file's own errors are the disk's: the network's are told by the way out.
        with translated("fetching the tape"):
            opened = await anyio.to_thread.run_sync(into.open, "wb")
        with opened:
            saved = _Download(file=opened)
            async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                saved.size_bytes += len(chunk)
                if saved.size_bytes > max_bytes:
                    raise _too_large(max_bytes)
                await anyio.to_thread.run_sync(saved.write, chunk)
                took_s = time.monotonic() - began
                if took_s > PATIENCE_S and saved.size_bytes / took_s < MIN_BYTES_PER_S:
                    text = f"the source sends less than {MIN_BYTES_PER_S:,} bytes a second"
                    raise TransientError(Code.DOWNLOAD_TOO_SLOW, text)
                if declared:
                    report(saved.size_bytes / declared)
            await anyio.to_thread.run_sync(saved.close)
        return {"sha256": saved.digest.hexdigest(), "sizeBytes": saved.size_bytes}


@dataclass(slots=True, kw_only=True)
class _Download:
    """A file that grows, with its size and digest."""

    file: BinaryIO
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    size_bytes: int = 0

    def write(self, chunk: bytes) -> None:
        with translated("fetching the tape"):
            self.digest.update(chunk)
            self.file.write(chunk)

    def close(self) -> None:
        """Write what is still held back: a full disk may only show here."""
        with translated("fetching the tape"):
            self.file.close()


def _check_answer(response: aiohttp.ClientResponse) -> None:
    status = response.status
    if status != OK:
        if status >= SERVER_ERROR or status in PASSING:
            raise TransientError(Code.DOWNLOAD_FAILED, f"the source answered {status}")
        raise BadInputError(
            Code.DOWNLOAD_REJECTED,
            f"the source answered {status}",
            hint="Check that the URL has not expired and may be read.",
        )
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding != "identity":
        raise BadInputError(
            Code.DOWNLOAD_ENCODING_REFUSED,
            "the source compresses its answer, although that was not asked for",
        )


def _too_large(max_bytes: int) -> BadInputError:
    return BadInputError(
        Code.DOWNLOAD_TOO_LARGE, f"the source has more than {max_bytes:,} bytes, which is the limit"
    )
