"""Who may come in."""

import pytest
from aiohttp.test_utils import make_mocked_request

from oven.doors.access import FORWARDING, is_on_loopback, same_secret


class Transport:
    """A connection whose peer is known."""

    def __init__(self, peer: object) -> None:
        self.peer = peer

    def get_extra_info(self, _: str, default: object = None) -> object:
        return self.peer or default

    def is_closing(self) -> bool:
        return False


@pytest.mark.parametrize(
    ("peer", "is_inside"),
    [
        (("127.0.0.1", 5), True),
        (("127.9.9.9", 5), True),
        (("::1", 5, 0, 0), True),
        (("10.0.0.1", 5), False),
        (("203.0.113.9", 5), False),
        ("", False),
        ("/run/oven.sock", False),
    ],
)
def test_loopback_is_a_direct_peer(peer: object, *, is_inside: bool) -> None:
    """A unix socket counts as public, as a proxied request does, whatever the header says."""
    request = make_mocked_request("GET", "/", transport=Transport(peer))
    assert is_on_loopback(request) == is_inside
    for name in (*FORWARDING, "X-Forwarded-For", "X-Forwarded-Ssl", "X-Original-Forwarded-For"):
        proxied = make_mocked_request("GET", "/", headers={name: "127.0.0.1"}, transport=Transport(peer))
        assert not is_on_loopback(proxied)


@pytest.mark.parametrize(
    ("headers", "is_inside"),
    [
        ({"Host": "localhost:3000"}, True),
        ({"Host": "127.0.0.1"}, True),
        ({"Host": "[::1]:3000", "Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Host": "rebound.example:3000"}, False),
        ({"Host": "[", "Origin": "http://localhost"}, False),
        ({"Host": "localhost", "Origin": "https://evil.example"}, False),
        ({"Host": "localhost", "Origin": "null"}, False),
        ({"Host": "localhost", "Sec-Fetch-Site": "cross-site"}, False),
    ],
)
def test_a_browser_on_this_machine(headers: dict[str, str], *, is_inside: bool) -> None:
    """Lends nobody else's page its place: neither by its address nor by a name that leads here."""
    request = make_mocked_request("POST", "/", headers=headers, transport=Transport(("127.0.0.1", 5)))
    assert is_on_loopback(request) == is_inside


def test_secrets_of_every_kind() -> None:
    """Non-ASCII and even broken text is compared, not an error."""
    assert same_secret("sésame", "sésame")
    assert not same_secret("sésame", "sesame")
    assert not same_secret("\ud83d", "x")
