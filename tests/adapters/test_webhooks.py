"""Posting to receivers; what callbacks and progress do with it stands with them."""

import pytest

from oven.adapters.webhooks import host_of


@pytest.mark.parametrize(
    ("url", "host"),
    [("https://H.example:8443/x?y", "h.example:8443"), ("https://[::1::]/x", ""), ("https://[:", "")],
)
def test_hosts(url: str, host: str) -> None:
    """With their port; what is no URL is a host of its own."""
    assert host_of(url) == (host or url)
