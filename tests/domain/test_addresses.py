"""Which addresses a stranger's URL may lead to."""

from ipaddress import IPv4Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oven.domain.addresses import is_public, may_connect

PRIVATE = [
    *("127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "0.0.0.0"),
    *("169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1"),
    *(
        "240.0.0.1",
        "255.255.255.255",
        "192.88.99.1",
        "192.0.0.8",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
    ),
    *("::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::1", "2001:0:7f00:1::1", "fe80::1"),
    *(
        "fec0::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "ff0e::1",
        "5f00::1",
        "3fff::1",
        "100::1",
        "2001:db8::1",
    ),
]
PUBLIC = ["8.8.8.8", "1.1.1.1", "151.101.1.1", "2606:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("text", PRIVATE)
def test_not_public(text: str) -> None:
    """Private, local, reserved, many, or another address in disguise."""
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_public(text: str) -> None:
    """One host's on the internet."""
    assert is_public(ip_address(text))


@given(st.ip_addresses(v=4))
def test_a_disguise_changes_nothing(address: IPv4Address) -> None:
    """An IPv4 address inside an IPv6 one is no more public than by itself."""
    assert is_public(ip_address(f"::ffff:{address}")) == is_public(address)
    for prefix in ("64:ff9b::", "::"):
        assert not is_public(ip_address(f"{prefix}{address}"))


def test_what_an_operator_allows() -> None:
    """By the host's name, or by the network of the address; no other."""
    networks = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]
    assert may_connect("storage.local", "10.1.2.3", hosts=(), networks=networks)
    assert may_connect("Storage.local", "192.168.0.9", hosts={"storage.local"}, networks=())
    assert may_connect("x", "fd00::1%eth0", hosts=(), networks=networks)
    assert not may_connect("x", "192.168.0.9", hosts={"storage.local"}, networks=networks)
    assert not may_connect("x", "not an address", hosts=(), networks=networks)
