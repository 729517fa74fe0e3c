"""Links that open a private object until a time."""

import hashlib
import hmac

MAX_DIGITS = 19


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
