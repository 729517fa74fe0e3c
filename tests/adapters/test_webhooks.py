"""Posting to receivers; what callbacks and progress do with it stands with them."""

import pytest

from oven.adapters.webhooks import host_of, signing_key
from tests.adapters.test_callbacks import SECRET


def test_keys() -> None:
    """whsec_ is base64; anything else is its own bytes."""
    assert signing_key(SECRET) == bytes(range(24))
    assert signing_key("plain") == b"plain"
    for odd in ("whsec_not base64!", "whsec_", "whsec_é"):
        assert signing_key(odd) == odd.encode()


@pytest.mark.parametrize(
    ("url", "host"),
    [("https://H.example:8443/x?y", "h.example:8443"), ("https://[::1::]/x", ""), ("https://[:", "")],
)
def test_hosts(url: str, host: str) -> None:
    """With their port; what is no URL is a host of its own."""
    assert host_of(url) == (host or url)
