"""Who may come in."""

import hashlib
import hmac
from ipaddress import ip_address

from aiohttp import web

from oven.domain.errors import Code, UnauthorizedError

# Any of these says that somebody stands between us and the client.
FORWARDING = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")


def is_on_loopback(request: web.Request) -> bool:
    """Whether the client is on this machine: a direct TCP peer on loopback, not a proxy, not a socket."""
    peer = request.transport.get_extra_info("peername") if request.transport else None
    if not isinstance(peer, tuple) or any(name in request.headers for name in FORWARDING):
        return False
    return ip_address(peer[0]).is_loopback


def same_secret(given: str, wanted: str) -> bool:
    """Compare secrets in constant time, whatever characters are in them."""
    digests = (hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in (given, wanted))
    return hmac.compare_digest(*digests)


def require_admin(request: web.Request, token: str) -> None:
    """Let the admin in, and clients on loopback.

    Raises:
        UnauthorizedError: AUTH_REQUIRED, AUTH_INVALID.

    """
    if is_on_loopback(request):
        return
    given = request.headers.get("Authorization", "")
    if not given:
        raise UnauthorizedError(Code.AUTH_REQUIRED, "this needs the admin's token as Authorization: Bearer …")
    scheme, _, value = given.partition(" ")
    if not token or scheme.lower() != "bearer" or not same_secret(value.strip(), token):
        raise UnauthorizedError(Code.AUTH_INVALID, "this token is not the admin's")
