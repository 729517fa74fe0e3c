"""The way out: every request to a URL that a stranger gave."""

import re
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

import aiohttp
import anyio
from yarl import URL

from oven.domain.addresses import Address, Network, may_connect
from oven.domain.errors import BadInputError, Code, FaultError, OvenError, TransientError
from oven.domain.text import without_queries

MAX_URL_LENGTH = 2_048
# Labels of at most 63 characters, parted by single dots (RFC 1035).
LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
HOST = re.compile(rf"{LABEL}(?:\.{LABEL})*\.?")
MAX_HOST_CHARS = 253
# Everything printable in ASCII is sent as it was given: signed URLs break when they are tidied.
AS_GIVEN = "".join(map(chr, range(33, 127)))
PORTS = {"https": 443, "http": 80}
ALLOW = "For hosts of the operator's own there is OVEN_EGRESS_ALLOW."


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressPolicy:
    """Where requests may go.

    `hosts` and `networks` may be reached although private, over plain http and on any port.
    """

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    def is_allowed(self, host: str) -> bool:
        """Whether an operator has named a host, or the network of a literal address."""
        address = _literal(host)
        if address is None:
            return host.lower() in self.hosts
        return host.lower() in self.hosts or any(
            address.version == network.version and address in network for network in self.networks
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Egress:
    """Opens connections that are checked, address by address, right before they are made."""

    policy: EgressPolicy
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    # From the name's lookup to the last line of the answer's head.
    head_timeout_s: float = 60.0

    def check(
        self, text: str, name: str, *, only: frozenset[str] = frozenset(), must_be_listed: bool = False
    ) -> URL:
        """Check a URL before anything is done with it → the URL, to be sent as it was given.

        Args:
            text: what the stranger gave.
            name: the field it came in, for the message.
            only: the only hosts that are allowed; any where empty.
            must_be_listed: a secret of the operator's is sent there, so one of the lists must name the host.

        Raises:
            BadInputError: URL_INVALID, URL_BLOCKED.

        """
        url = _parse(text, name)
        host = url.host or ""
        is_allowed = self.policy.is_allowed(host)
        if url.scheme == "http" and not is_allowed:
            raise BadInputError(Code.URL_INVALID, f"{name} must be an https URL", hint=ALLOW)
        if not is_allowed and url.port != PORTS[url.scheme]:
            raise BadInputError(Code.URL_INVALID, f"{name} has port {url.port}; https uses 443", hint=ALLOW)
        if only and host.lower() not in only:
            raise BadInputError(
                Code.URL_BLOCKED,
                f"{name} leads to a host that is not on the list of this Oven",
                hint="The operator lists them in OVEN_SOURCE_HOSTS and OVEN_CALLBACK_HOSTS.",
            )
        address = _literal(host)
        if address is not None and not self._may_connect(host, str(address)):
            raise BadInputError(
                Code.URL_BLOCKED, f"{name} leads to an address that is not public", hint=ALLOW
            )
        if must_be_listed and not only and not is_allowed:
            raise BadInputError(
                Code.URL_BLOCKED,
                f"{name} leads to a host that may not be told this Oven's token",
                hint="The operator lists such hosts in OVEN_CALLBACK_HOSTS.",
            )
        return url

    @asynccontextmanager
    async def request(
        self,
        method: str,
        url: URL,
        *,
        limits: aiohttp.ClientTimeout,
        headers: Mapping[str, str],
        body: bytes | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send one request, and wait for the head of its answer.

        Redirects are not followed, bodies are not decompressed.

        Raises:
            OvenError: URL_BLOCKED, DNS_FAILED, TLS_FAILED, DOWNLOAD_FAILED, DOWNLOAD_TIMEOUT.

        """
        host = url.host or ""

        def connect_to(info: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
            # After resolution and right before connecting, so a name cannot change its mind in between.
            if not self._may_connect(host, str(info[4][0])):
                raise BadInputError(
                    Code.URL_BLOCKED, "the URL leads to an address that is not public", hint=ALLOW
                )
            return socket.socket(info[0], info[1], info[2])

        connector = aiohttp.TCPConnector(
            ssl=self.tls,
            use_dns_cache=False,
            force_close=True,
            socket_factory=connect_to,
            # A race over several addresses loses what the check raises.
            happy_eyeballs_delay=None,
        )
        with _translated():
            async with aiohttp.ClientSession(
                connector=connector, trust_env=False, auto_decompress=False, timeout=limits
            ) as session:
                # aiohttp's clock for reading begins anew with every byte of the head.
                with anyio.fail_after(self.head_timeout_s):
                    asked = await session.request(
                        method,
                        url,
                        data=body,
                        allow_redirects=False,
                        headers={"Accept-Encoding": "identity", "User-Agent": "Oven", **headers},
                    )
                async with asked as response:
                    yield response

    def _may_connect(self, host: str, address: str) -> bool:
        return may_connect(host, address, hosts=self.policy.hosts, networks=self.policy.networks)


class _translated:  # noqa: N801 - a context manager, used like a function
    """Turns aiohttp's errors into Oven's."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        found = _told(error)
        if found is not None:
            raise found from error


def _told(error: BaseException | None) -> OvenError | None:  # noqa: PLR0911 - one a kind
    # A request's own words repeat its URL, whose query may be a secret.
    detail = without_queries(repr(error))
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return FaultError(
                Code.TLS_FAILED, "the host's certificate or TLS cannot be trusted", detail=detail
            )
        case aiohttp.ClientConnectorDNSError():
            return TransientError(Code.DNS_FAILED, "the host's name cannot be resolved", detail=detail)
        case TimeoutError():
            return TransientError(Code.DOWNLOAD_TIMEOUT, "the host took too long to answer", detail=detail)
        case aiohttp.ClientPayloadError():
            text = "the connection broke off before the whole file was there"
            return TransientError(Code.DOWNLOAD_TRUNCATED, text, detail=detail)
        case UnicodeError():
            return BadInputError(Code.URL_INVALID, "the host is none that can be looked up", detail=detail)
        case aiohttp.ClientError() | OSError():
            return TransientError(Code.DOWNLOAD_FAILED, "the host could not be reached", detail=detail)
        case _:
            return None


def _parse(text: str, name: str) -> URL:
    if len(text) > MAX_URL_LENGTH:
        raise BadInputError(Code.URL_INVALID, f"{name} is longer than {MAX_URL_LENGTH} characters")
    if any(ord(char) < 32 or ord(char) == 127 for char in text):  # noqa: PLR2004 - ASCII's control characters
        raise BadInputError(Code.URL_INVALID, f"{name} has control characters")
    try:
        url = URL(quote(text.strip(), safe=AS_GIVEN), encoded=True)
        host, port = url.raw_host or "", url.port
        # Decodes punycode, which not every host that begins like it is.
        _ = url.host
        # Whoever reads the URL later must not stumble over it either.
        authority = urlsplit(text).netloc
    except (ValueError, IndexError) as error:
        raise BadInputError(Code.URL_INVALID, f"{name} is not a URL") from error
    if url.scheme not in PORTS or not host or port is None:
        raise BadInputError(Code.URL_INVALID, f"{name} must be an https URL with a host")
    # Also a user without a name: readers of URLs are of several minds about it.
    if "@" in authority:
        raise BadInputError(Code.URL_INVALID, f"{name} must not hold a user or a password")
    if url.raw_fragment:
        raise BadInputError(Code.URL_INVALID, f"{name} must not have a fragment (#…)")
    if (not HOST.fullmatch(host) and _literal(host) is None) or len(host) > MAX_HOST_CHARS:
        raise BadInputError(Code.URL_INVALID, f"the host in {name} has characters that hosts have not")
    return url


def _literal(host: str) -> Address | None:
    """Read a host that is an address, in any of the ways in which a resolver would."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        # 127.1, 0x7f000001, 017700000001, 2130706433: what inet_aton takes, getaddrinfo takes.
        return ip_address(socket.inet_aton(host.rstrip(".")))
    except (OSError, UnicodeEncodeError):
        return None
