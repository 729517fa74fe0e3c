"""The way out leads nowhere it should not."""

import contextlib
import socket
from collections.abc import AsyncIterator
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

import aiohttp
import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream
from hypothesis import given, settings

from oven.adapters.egress import Egress, EgressPolicy
from oven.domain.errors import BadInputError, Code, OvenError
from tests.site import Site, running_site
from tests.strategies import URLS

CLOSED = Egress(policy=EgressPolicy())
LOOPBACK = Egress(policy=EgressPolicy(networks=(ip_network("127.0.0.0/8"),)))
QUICK = aiohttp.ClientTimeout(total=5)

# 127.0.0.1 in thirty disguises, as hosts of URLs.
DISGUISES = [
    *("127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0x7f.0.0.1", "017700000001"),
    *("0177.0.0.1", "0177.1", "127.0.0.1.", "127.255.255.254", "0.0.0.0", "0", "0x0", "00", "[::1]"),
    *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[0:0:0:0:0:0:0:1]", "[64:ff9b::7f00:1]"),
    *("[2002:7f00:1::]", "[::]", "localhost", "LOCALHOST", "localhost.", "ip6-localhost", "①②⑦.0.0.1"),
    *("127。0。0。1", "127.0.0.1%2e"),
]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with running_site() as site:
        yield site


async def get(egress: Egress, text: str) -> int:
    url = egress.check(text, "zipUrl")
    async with egress.request("GET", url, limits=QUICK, headers={}) as response:
        return response.status


@pytest.mark.parametrize("host", DISGUISES)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_disguises(site: Site, host: str, scheme: str) -> None:
    """Refused at once where it can be seen, else before the connection; nobody hears of it."""
    port = site.base.rsplit(":", 1)[1]
    # The port of the canary is one that an operator has allowed for another host.
    opened = Egress(policy=EgressPolicy(hosts=frozenset({"allowed.example"})))
    with pytest.raises(OvenError) as caught:
        await get(opened, f"{scheme}://{host}:{port}/x")
    assert caught.value.code in {Code.URL_BLOCKED, Code.URL_INVALID}
    with pytest.raises(OvenError) as caught:
        await get(opened, f"https://{host}/x")
    assert caught.value.code in {Code.URL_BLOCKED, Code.URL_INVALID, Code.DNS_FAILED}
    assert site.fetched == []


async def test_names_that_resolve_to_loopback(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A public name with a private address: seen on the socket, after resolution."""
    port = int(site.base.rsplit(":", 1)[1])
    resolved = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: resolved)
    with pytest.raises(BadInputError) as caught:
        await get(CLOSED, "https://innocent.example/x")
    assert caught.value.code is Code.URL_BLOCKED
    assert site.fetched == []


@pytest.mark.parametrize(
    "addresses", [("127.0.0.1", "10.0.0.1"), ("10.0.0.1", "127.0.0.1"), ("127.0.0.1", "::1")]
)
async def test_names_with_several_addresses(
    site: Site, monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    """Blocked as one is, by the same code; not one of them hears of it."""
    port = int(site.base.rsplit(":", 1)[1])
    resolved = [
        (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
        for address in addresses
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: resolved)
    with pytest.raises(BadInputError) as caught:
        await get(CLOSED, "https://innocent.example/x")
    assert caught.value.code is Code.URL_BLOCKED
    assert site.fetched == []


async def test_what_is_allowed_is_reached(site: Site) -> None:
    """By network; the path is sent as it was given."""
    site.files["/auth0|1/x y"] = b""
    assert await get(LOOPBACK, f"{site.base}/auth0|1/x%20y?sig=a%2Fb+c") == 200
    assert site.fetched == ["/auth0|1/x%20y?sig=a%2Fb+c"]


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "/etc/passwd", "file:///etc/passwd", "ftp://example.com/x", "javascript:alert(1)"),
        *("https://", "https:///x", "https://user@example.com/", "https://user:pw@example.com/"),
        *(
            "https://example.com/#x",
            "https://example.com:22/",
            "https://example.com:99999/",
            "http://example.com/",
        ),
        *(
            "https://exa mple.com/",
            "https://example.com/\r\nX: y",
            "https://example.com/\0",
            "https://ex%61mple.com/",
            "https://a..b/x",
            "https://.a/x",
            "https://-a.b/x",
            "https://" + "a" * 64 + ".com/x",
            "https://" + "a." * 127 + "com/x",
            "https://xn--a/x",
            "https://[::1/x",
            "https://[:]/x",
            "https://[99999:]/x",
            "https://[a:]/x",
            "https://[::1::]/x",
            "https://][_@/x",
        ),
        "https://example.com/" + "x" * 2048,
    ],
)
def test_urls_that_are_none(text: str) -> None:
    """URL_INVALID, with the field's name."""
    with pytest.raises(BadInputError, match="callbackUrl") as caught:
        CLOSED.check(text, "callbackUrl")
    assert caught.value.code is Code.URL_INVALID


def test_a_list_of_hosts() -> None:
    """Where there is one, nothing else is reached."""
    only = frozenset({"art.example.com"})
    CLOSED.check("https://art.example.com/x", "zipUrl", only=only)
    with pytest.raises(BadInputError) as caught:
        CLOSED.check("https://art.example.com.evil.org/x", "zipUrl", only=only)
    assert caught.value.code is Code.URL_BLOCKED


def test_who_may_be_told_a_secret() -> None:
    """Where one goes along, a host that no list names is refused; either list will do."""
    with pytest.raises(BadInputError, match="may not be told") as caught:
        CLOSED.check("https://example.com/x", "callbackUrl", must_be_listed=True)
    assert caught.value.code is Code.URL_BLOCKED
    CLOSED.check("https://example.com/x", "callbackUrl", only=frozenset({"example.com"}), must_be_listed=True)
    LOOPBACK.check("https://127.0.0.1/x", "callbackUrl", must_be_listed=True)


async def test_hosts_that_are_not_there() -> None:
    """Told apart: no such name, nobody listening."""
    with pytest.raises(OvenError) as caught:
        await get(CLOSED, "https://nobody.invalid/x")
    assert caught.value.code is Code.DNS_FAILED
    with pytest.raises(OvenError) as caught:
        await get(LOOPBACK, "http://127.0.0.1:9/x")
    assert (caught.value.code, caught.value.retryable) == (Code.DOWNLOAD_FAILED, True)


async def test_a_certificate_that_nobody_signed(site: Site) -> None:
    """TLS that cannot be trusted is refused, and not tried again."""
    with pytest.raises(OvenError) as caught:
        await get(LOOPBACK, site.base.replace("http:", "https:") + "/x")
    assert caught.value.code in {Code.TLS_FAILED, Code.DOWNLOAD_FAILED}


async def test_queries_stay_out_of_what_is_logged(site: Site) -> None:
    """A client's errors repeat the whole URL; its query may be a signature."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")

    async def answer(stream: SocketStream) -> None:
        async with stream:
            await stream.receive()
            await stream.send(b"HTTP/1.1 garbage\r\n\r\n")

    del site
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, answer)
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - no Django
        with pytest.raises(OvenError) as caught:
            await get(LOOPBACK, f"http://127.0.0.1:{port}/x?sig=CANARY")
        group.cancel_scope.cancel()
    assert "CANARY" not in caught.value.detail + caught.value.message
    assert str(port) in caught.value.detail


@settings(max_examples=1_000)
@given(URLS)
def test_any_url_is_taken_for_what_others_take_it_for(text: str) -> None:
    """What passes leads, for every reader, by https to port 443 of a host that is no private address."""
    try:
        url = CLOSED.check(text, "zipUrl")
    except BadInputError as error:
        assert error.code in {Code.URL_INVALID, Code.URL_BLOCKED}
        assert error.message.isprintable()
        return
    other = urlsplit(text.strip())
    assert (url.scheme, url.port) == (other.scheme, other.port or 443) == ("https", 443)
    assert (url.raw_host or "").lower() == other.hostname
    assert other.username is None
    with contextlib.suppress(ValueError):
        assert ip_address(url.raw_host or "").is_global
    assert str(url).isascii()
    assert str(url).isprintable()
