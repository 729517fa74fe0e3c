"""What a source answers: which file it has, whether it goes on with it, or why it gives none."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC

import aiohttp
import anyio

from oven.adapters.source_links import expiry_of, forgets, says_expired
from oven.domain.errors import BadInputError, Code, OvenError, TransientError

OK = 200
PARTIAL = 206
NOT_FOUND = 404
GONE = 410
UNSATISFIABLE = 416
SERVER_ERROR = 500
# Refusals that may be another answer next time: timeout, too early, too many.
PASSING = {408, 425, 429}
# How hosts refuse a link that is over; Google says 400.
EXPIRING = {400, 401, 403, 404, 410}
# What is read of a refusal, and how long it is waited for.
MAX_REFUSAL_BYTES = 4_096
REFUSAL_S = 5.0
# In printable ASCII, and not weak (W/"…"): only these promise the same bytes (RFC 9110, 8.8.1).
STRONG = re.compile(r'"[!#-~]*"')
RANGE = re.compile(r"bytes ([0-9]{1,19})-([0-9]{1,19})/([0-9]{1,19}|\*)", re.IGNORECASE)
FRESH_LINK = "Ask for a fresh link, and send it sooner: Replicate, for one, keeps its files for an hour."


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Which file it is: its strong ETag, empty where it is not given in parts, and its size, if told."""

    etag: str
    size_bytes: int | None

    def after(self, size_bytes: int) -> dict[str, str]:
        """Give the headers that ask for what comes after so many bytes, of this very file."""
        return {"Range": f"bytes={size_bytes}-", "If-Range": self.etag}


def begun(response: aiohttp.ClientResponse) -> Version:
    """Read the first answer, whose status is 200.

    Raises:
        BadInputError: DOWNLOAD_ENCODING_REFUSED.

    """
    _check_encoding(response)
    etag = response.headers.get("ETag", "").strip()
    in_parts = response.headers.get("Accept-Ranges", "").strip().lower() != "none"
    is_strong = STRONG.fullmatch(etag) is not None
    return Version(etag=etag if in_parts and is_strong else "", size_bytes=response.content_length)


def continued(response: aiohttp.ClientResponse, version: Version, at_bytes: int) -> Version:
    """Read the answer to a request for what comes after `at_bytes` → the version, with its size.

    Raises:
        TransientError: DOWNLOAD_CHANGED.
        BadInputError: DOWNLOAD_ENCODING_REFUSED.

    """
    if response.status == OK:
        raise _changed("has another file now, or none in parts")
    if response.status == UNSATISFIABLE:
        raise _changed(f"has nothing after {at_bytes:,} bytes")
    _check_encoding(response)
    # Also where If-Range was not understood.
    if response.headers.get("ETag", "").strip() != version.etag:
        raise _changed("has another file now")
    found = RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
    if found is None or int(found[1]) != at_bytes or int(found[2]) < at_bytes:
        raise _changed(f"gave another part than the one after {at_bytes:,} bytes")
    size = version.size_bytes if found[3] == "*" else int(found[3])
    # Without a size nobody could tell whether this part is the last.
    if size is None or int(found[2]) >= size or version.size_bytes not in (None, size):
        raise _changed("does not say the same size as before")
    return Version(etag=version.etag, size_bytes=size)


async def refusal(response: aiohttp.ClientResponse, label: str, now_ms: int) -> OvenError:
    """Find out why a source gives no file → the error to raise; `label` is the file's."""
    status = response.status
    said = f"the host of {label} answered {status}"
    if status >= SERVER_ERROR or status in PASSING:
        return TransientError(Code.DOWNLOAD_FAILED, said)
    if status in EXPIRING:
        expiry = expiry_of(str(response.url))
        if expiry is not None and expiry.timestamp() * 1000 < now_ms:
            return _expired(f"{label} has expired (at {expiry.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ})", said)
        is_forgotten = status == NOT_FOUND and forgets(response.url.host or "")
        if status == GONE or is_forgotten or says_expired(await _words(response)):
            return _expired(f"{label} has expired", said)
    return BadInputError(
        Code.DOWNLOAD_REJECTED, said, hint="Check that the URL has not expired and may be read."
    )


async def _words(response: aiohttp.ClientResponse) -> str:
    """Read the beginning of a refusal; what does not come is left out."""
    read = b""
    with anyio.move_on_after(REFUSAL_S), suppress(aiohttp.ClientError, OSError):
        while chunk := await response.content.read(MAX_REFUSAL_BYTES - len(read)):
            read += chunk
    return read.decode("utf-8", "replace")


def _check_encoding(response: aiohttp.ClientResponse) -> None:
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding != "identity":
        raise BadInputError(
            Code.DOWNLOAD_ENCODING_REFUSED,
            "the source compresses its answer, although that was not asked for",
        )


def _changed(how: str) -> TransientError:
    return TransientError(Code.DOWNLOAD_CHANGED, f"the connection broke off, and then the source {how}")


def _expired(what: str, said: str) -> BadInputError:
    return BadInputError(Code.DOWNLOAD_EXPIRED, f"the link to {what}", hint=FRESH_LINK, detail=said)
