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
    for name in FORWARDING:
        proxied = make_mocked_request("GET", "/", headers={name: "127.0.0.1"}, transport=Transport(peer))
        assert not is_on_loopback(proxied)


def test_secrets_of_every_kind() -> None:
    """Non-ASCII and even broken text is compared, not an error."""
    assert same_secret("sésame", "sésame")
    assert not same_secret("sésame", "sesame")
    assert not same_secret("\ud83d", "x")
