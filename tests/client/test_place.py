"""Where an Oven listens."""

import pytest

from oven.client.place import place_of


@pytest.mark.parametrize(
    ("url", "host", "port", "prefix"),
    [
        ("http://127.0.0.1:3000", "127.0.0.1", 3000, ""),
        ("https://oven.example.com/", "oven.example.com", 443, ""),
        ("http://oven.example.com/under/", "oven.example.com", 80, "/under"),
        ("http://[::1]:3000", "::1", 3000, ""),
    ],
)
def test_addresses(url: str, host: str, port: int, prefix: str) -> None:
    """With a port of their own or the scheme's, and a path that comes before every other."""
    place = place_of(url)
    assert (place.host, place.port, place.prefix) == (host, port, prefix)
    assert place.is_tls == url.startswith("https")


def test_a_socket() -> None:
    """Is a path."""
    assert place_of("unix:/run/oven/oven.sock").socket == "/run/oven/oven.sock"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:3000",
        "ftp://example.com",
        "http://",
        "http://u:canary@example.com",
        "http://example.com:99999",
        "http://example.com/?canary=1",
        "http://exam ple.com",
        "http://example.com/\n",
        "http://[::1",
    ],
)
def test_what_is_none(url: str) -> None:
    """Is refused without being repeated, for it may hold a password."""
    with pytest.raises(ValueError, match="looks like https://") as caught:
        place_of(url)
    assert "canary" not in str(caught.value)
