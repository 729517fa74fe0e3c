"""Who may come in."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

from oven.domain.caller import ADMIN, Caller, Scope
from oven.domain.errors import ClosedError, Code, ForbiddenError, UnauthorizedError

# Any of these says that somebody stands between us and the client.
FORWARDING = ("Forwarded", "Via", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP")
FORWARDING_PREFIXES = ("x-forwarded", "x-original-forwarded")


def is_on_loopback(request: web.Request) -> bool:
    """Whether the client is on this machine: a direct TCP peer on loopback, not a proxy, not a socket.

    Nor a browser that shows somebody else's page, or that was led here by somebody else's name.
    """
    peer = request.transport.get_extra_info("peername") if request.transport else None
    if not isinstance(peer, tuple) or any(name in request.headers for name in FORWARDING):
        return False
    if any(name.lower().startswith(FORWARDING_PREFIXES) for name in request.headers):
        return False
    if request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        return False
    host, origin = request.headers.get("Host"), request.headers.get("Origin")
    named = [] if host is None else [host]
    if origin is not None:
        named.append(origin.partition("://")[2])
    return ip_address(peer[0]).is_loopback and all(map(_is_loopback_name, named))


def _is_loopback_name(authority: str) -> bool:
    """Whether a host, with or without a port, is this machine's own name for itself."""
    try:
        host = (urlsplit(f"//{authority}").hostname or "").removesuffix(".")
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_loopback
    except ValueError:
        return False


def same_secret(given: str, wanted: str) -> bool:
    """Compare secrets in constant time, whatever characters are in them."""
    digests = (hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in (given, wanted))
    return hmac.compare_digest(*digests)


def require_loopback(request: web.Request, setting: str) -> None:
    """Let in clients on this machine alone, where the setting that opens a door to others is missing.

    Raises:
        ClosedError: DOOR_CLOSED.

    """
    if not is_on_loopback(request):
        raise ClosedError(Code.DOOR_CLOSED, "this door is closed", hint=f"The operator has to set {setting}.")


def require_token(request: web.Request, token: str, whose: str) -> None:
    """Let in who has a token.

    Raises:
        UnauthorizedError: AUTH_REQUIRED, AUTH_INVALID.

    """
    if not same_secret(_bearer(request, f"{whose} token"), token):
        raise UnauthorizedError(Code.AUTH_INVALID, f"this token is not {whose}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Tells who asks: the admin, or a user, whom `identify` knows by an API key or a JWT.

    Clients on this machine are the admin, unless they say that they are somebody.
    """

    admin_token: str
    identify: Callable[[str], Awaitable[Caller]]

    async def caller(self, request: web.Request, scope: Scope) -> Caller:
        """Tell who asks, where they may do such things.

        Raises:
            UnauthorizedError: AUTH_REQUIRED, AUTH_INVALID.
            ForbiddenError: FORBIDDEN.
            TransientError: IDENTITY_UNAVAILABLE, STORE_UNAVAILABLE.

        """
        if "Authorization" not in request.headers and is_on_loopback(request):
            return ADMIN
        sent = _bearer(request, "an API key, a user's token or the admin's")
        if self.admin_token and same_secret(sent, self.admin_token):
            return ADMIN
        caller = await self.identify(sent)
        if scope not in caller.scopes:
            has = ", ".join(sorted(caller.scopes))
            raise ForbiddenError(
                Code.FORBIDDEN, f"this needs a key with the scope {scope}; this one has {has}"
            )
        return caller

    async def require_admin(self, request: web.Request) -> None:
        """Let the admin in alone.

        Raises:
            ClosedError: DOOR_CLOSED, there is none but on this machine.
            UnauthorizedError: AUTH_REQUIRED, AUTH_INVALID.
            ForbiddenError: FORBIDDEN, a user asks.
            TransientError: IDENTITY_UNAVAILABLE, STORE_UNAVAILABLE.

        """
        if not self.admin_token and not is_on_loopback(request):
            raise ClosedError(
                Code.DOOR_CLOSED, "this is closed", hint="The operator has to set OVEN_ADMIN_TOKEN."
            )
        caller = await self.caller(request, Scope.READ)
        if caller.owner is not None:
            raise ForbiddenError(Code.FORBIDDEN, "this is for the admin alone")


def _bearer(request: web.Request, what: str) -> str:
    """Read what a client proves itself with.

    Raises:
        UnauthorizedError: AUTH_REQUIRED, AUTH_INVALID.

    """
    given = request.headers.get("Authorization", "")
    if not given:
        raise UnauthorizedError(Code.AUTH_REQUIRED, f"this needs {what} as Authorization: Bearer …")
    scheme, _, value = given.partition(" ")
    if scheme.lower() != "bearer":
        raise UnauthorizedError(Code.AUTH_INVALID, f"this needs {what} as Authorization: Bearer …")
    return value.strip()
