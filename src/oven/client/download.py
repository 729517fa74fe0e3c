"""An asset's bytes, brought to a file."""

import hashlib
import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from oven.client.errors import OvenError
from oven.client.exchange import exchange
from oven.client.place import place_of

FOUND = 200
WEB = ("http", "https")


def download(url: str, path: Path, *, checksum: str | None, timeout_s: float) -> Path:
    """Bring what is at a URL to a file, which appears whole or not at all.

    Nobody is told a token: such URLs open by themselves.  Redirects are not followed.

    Args:
        url: an asset's `url` or `thumbnail_url`.
        path: of the file; what has its name is replaced.
        checksum: SHA-256 in hex of what it must be, where it is known.
        timeout_s: without a byte.

    Raises:
        OvenError: DOWNLOAD_REJECTED, CHECKSUM_MISMATCH.
        UnreachableError: nobody answered, or the connection broke off.
        OSError: the file cannot be written.
        ValueError: the URL is none.

    """
    parts = urlsplit(url)
    if parts.scheme not in WEB:
        raise ValueError("what is downloaded has an address on the web: http://… or https://…")
    place = place_of(f"{parts.scheme}://{parts.netloc}")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    part = path.with_name(f".oven-{secrets.token_hex(8)}.part")
    try:
        with (
            part.open("xb") as file,
            exchange(place, "GET", target, headers={}, timeout_s=timeout_s) as answer,
        ):
            if answer.status != FOUND:
                raise OvenError(
                    "DOWNLOAD_REJECTED",
                    f"{place.shown}{parts.path} was refused with {answer.status}",
                    status=answer.status,
                    hint="Links open for an hour; ask for the asset again.",
                )
            digest = hashlib.sha256()
            for chunk in answer.chunks():
                file.write(chunk)
                digest.update(chunk)
            if checksum and checksum.lower() != digest.hexdigest():
                raise OvenError(
                    "CHECKSUM_MISMATCH",
                    f"what came has the SHA-256 {digest.hexdigest()}; the asset's is {checksum}",
                    retryable=True,
                )
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path
