"""Signatures: of links that open a private object until a time, and of whom a webhook is for."""

import base64
import hashlib
import hmac
from contextlib import suppress

MAX_DIGITS = 19
SECRET_PREFIX = "whsec_"  # noqa: S105 - a prefix, no secret
# No header holds a newline, so what is signed here is never a webhook, ID.TIMESTAMP.BODY by the same key.
USER_PREFIX = "oven-replicate-user\n"


def signing_key(secret: str) -> bytes:
    """Give the key of a secret: the decoded rest of whsec_…, else its own bytes (Standard Webhooks)."""
    if secret.startswith(SECRET_PREFIX):
        with suppress(ValueError):
            if key := base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True):
                return key
    return secret.encode()


def sign_link(key: bytes, *said: str, expires_s: int) -> str:
    """Give the signature of a link: HMAC-SHA256 in hex.

    Args:
        key: the signer's secret.
        said: what the link says: the object's bucket and key, and what else must not be changed.
        expires_s: until when it opens, in seconds since 1970, UTC.

    """
    text = "\0".join((*said, str(expires_s))).encode("utf-8", "surrogatepass")
    return hmac.new(key, text, hashlib.sha256).hexdigest()


def is_signed(key: bytes, *said: str, expires: str, signature: str, now_s: int) -> bool:
    """Whether a link opens now; all its parts may be a stranger's."""
    if not (expires.isascii() and expires.isdecimal() and len(expires) <= MAX_DIGITS):
        return False
    wanted = sign_link(key, *said, expires_s=int(expires))
    given = signature.encode("utf-8", "surrogatepass")
    return hmac.compare_digest(wanted.encode(), given) and now_s < int(expires)


def sign_user(key: bytes, user: str) -> str:
    """Sign for whom the webhooks of an address are: HMAC-SHA256 in hex.

    Args:
        key: that of the secret which the webhooks themselves are signed with.
        user: whose assets they bring.

    """
    text = f"{USER_PREFIX}{user}".encode("utf-8", "surrogatepass")
    return hmac.new(key, text, hashlib.sha256).hexdigest()


def is_signed_user(key: bytes, user: str, *, signature: str) -> bool:
    """Whether who knows the key has signed for a user; both texts may be a stranger's."""
    given = signature.encode("utf-8", "surrogatepass")
    return hmac.compare_digest(sign_user(key, user).encode(), given)
