"""Fetching a stranger's file: bounded in size, time and patience, gone on with where it broke off."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import anyio
from yarl import URL

from oven.adapters.clock import wall_ms
from oven.adapters.download import Download, open_download
from oven.adapters.egress import Egress
from oven.adapters.private_source import PrivateSource
from oven.adapters.source_answers import OK, PARTIAL, UNSATISFIABLE, Version, begun, continued, refusal
from oven.domain.errors import BadInputError, Code, FaultError, TransientError
from oven.pipeline.growing import Growing
from oven.pipeline.ports import Report

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 15.0
LIMITS = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S, sock_read=READ_TIMEOUT_S)
MAX_REDIRECTS = 3
REDIRECTS = {301, 302, 303, 307, 308}
DENIED = {401, 403}
# A link to a private source outlasts its download.
LINK_GRACE_S = 60
# Before each try to go on, by how many tries in a row have brought nothing: a server may be starting anew.
PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0)
# Tries to go on in all: a host that lets go after every few bytes is not a host to wait for.
MAX_RESUMES = 50
# How a connection breaks; whatever else is wrong is not mended by another connection.
BREAKS = {Code.DNS_FAILED, Code.DOWNLOAD_FAILED, Code.DOWNLOAD_TIMEOUT, Code.DOWNLOAD_TRUNCATED}

# Asks a source, with these headers.
Ask = Callable[[Mapping[str, str]], AbstractAsyncContextManager[aiohttp.ClientResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpFetcher:
    """The `Fetcher` port; `open_url` gives back a URL as it came from what was stored of it."""

    egress: Egress
    timeout_s: float
    source_hosts: frozenset[str]
    private: PrivateSource | None = None
    open_url: Callable[[str], str] = str
    limits: aiohttp.ClientTimeout = LIMITS
    pauses_s: Sequence[float] = PAUSES_S
    now_ms: Callable[[], int] = wall_ms

    def check(self, text: str, name: str) -> None:
        """Refuse a tape that may not be fetched, before anything is done with it.

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
        label: str,
        max_bytes: int,
        timeout_s: float | None,
        may_be_private: bool = False,
        growing: Growing | None = None,
        report: Report,
    ) -> Mapping[str, Any]:
        given, limit_s = self.open_url(url), self.timeout_s if timeout_s is None else timeout_s
        private = self.private if may_be_private else None
        key = None if private is None else private.key_of(given)
        ask: Ask = partial(self._ask_public, given, label)
        if private is not None and key is not None:
            ask = partial(self._ask_private, private, key, limit_s)
        try:
            # Around all of it: a client's own clock begins anew with every hop.
            with anyio.fail_after(limit_s):
                async with open_download(
                    into, label=label, max_bytes=max_bytes, growing=growing, report=report
                ) as download:
                    await self._complete(download, ask)
        except TimeoutError as error:
            text = f"the host of {label} took more than {limit_s:g} s"
            raise TransientError(Code.DOWNLOAD_TIMEOUT, text) from error
        return {"sha256": download.digest.hexdigest(), "sizeBytes": download.size_bytes}

    async def _complete(self, download: Download, ask: Ask) -> None:
        """Fetch all of a file, over as many connections as it takes."""
        version: Version | None = None
        broken = TransientError(Code.DOWNLOAD_TRUNCATED, "the source gave less than the whole file")
        in_vain = 0
        for _ in range(1 + MAX_RESUMES):
            had_bytes = download.size_bytes
            try:
                headers = version.after(had_bytes) if version is not None and had_bytes else {}
                async with ask(headers) as response:
                    version = await self._judge(response, download, version if headers else None)
                    await download.receive(response, version.size_bytes)
                if version.size_bytes is None:
                    return
            except TransientError as error:
                if version is None or not version.etag or error.code not in BREAKS:
                    raise
                broken = error
            if download.size_bytes == version.size_bytes:
                return
            in_vain = 0 if download.size_bytes > had_bytes else in_vain + 1
            if in_vain == len(self.pauses_s):
                break
            await anyio.sleep(self.pauses_s[in_vain])
        raise broken

    async def _judge(
        self, response: aiohttp.ClientResponse, download: Download, known: Version | None
    ) -> Version:
        """Find out which file an answer has, which goes on with a known one where there is one."""
        if known is not None and response.status in {OK, PARTIAL, UNSATISFIABLE}:
            return continued(response, known, download.size_bytes)
        if response.status != OK:
            raise await refusal(response, download.label, self.now_ms())
        return begun(response)

    @asynccontextmanager
    async def _ask_public(
        self, given: str, label: str, headers: Mapping[str, str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Ask a host, and those that it leads to; from the start each time, for where it leads may expire."""
        current = self.egress.check(given, f"the URL of {label}", only=self.source_hosts)
        for _ in range(MAX_REDIRECTS + 1):
            async with self.egress.request("GET", current, limits=self.limits, headers=headers) as response:
                if response.status not in REDIRECTS:
                    yield response
                    return
                current = self._next(current, response.headers.get("Location", ""), label)
        raise BadInputError(
            Code.TOO_MANY_REDIRECTS, f"the host of {label} redirects more than {MAX_REDIRECTS} times"
        )

    @asynccontextmanager
    async def _ask_private(
        self, private: PrivateSource, key: str, limit_s: float, headers: Mapping[str, str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Ask the operator's own bucket, within the same bounds, by a link of its own."""
        egress = private.egress()
        link = await private.presign(key, expires_s=round(limit_s) + LINK_GRACE_S)
        # Ours, however long it is; where it leads is checked at the socket, as ever.
        async with egress.request(
            "GET", URL(link, encoded=True), limits=self.limits, headers=headers
        ) as response:
            if response.status in DENIED:
                raise FaultError(
                    Code.STORAGE_DENIED,
                    f"the store refuses to read from the bucket {private.bucket}",
                    hint="Check ART_SPACES_KEY and ART_SPACES_SECRET, and the rights of that key.",
                )
            yield response

    def _next(self, current: URL, location: str, label: str) -> URL:
        try:
            target = current.join(URL(location, encoded=True))
        except ValueError as error:
            text = f"the host of {label} redirects to what is no URL"
            raise BadInputError(Code.URL_INVALID, text) from error
        if current.scheme == "https" and target.scheme == "http":
            raise BadInputError(Code.URL_BLOCKED, f"the host of {label} redirects from https to http")
        return self.egress.check(str(target), f"the redirect of {label}", only=self.source_hosts)
