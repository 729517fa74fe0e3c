"""Which addresses a stranger's URL may lead to."""

import random
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

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


# The registries of special addresses (RFC 6890 and what followed), written down a second time, as numbers.
SPECIAL_V4 = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
    *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
    *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
)
# What is given out to hosts is 2000::/3 alone; in it these are not theirs.
SPECIAL_V6 = ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
UNICAST_V6 = "2000::/3"
MAPPED = 0xFFFF << 32


def span(network: str) -> tuple[int, int]:
    """Give the first and the last number of a network."""
    base, _, length = network.partition("/")
    is_v6 = ":" in base
    first = int.from_bytes(socket.inet_pton(socket.AF_INET6 if is_v6 else socket.AF_INET, base))
    return first, first + (1 << ((128 if is_v6 else 32) - int(length))) - 1


V4, V6 = [span(network) for network in SPECIAL_V4], [span(network) for network in SPECIAL_V6]
UNICAST = span(UNICAST_V6)


def is_a_hosts(number: int, *, is_v6: bool) -> bool:
    """Decide anew, by numbers alone, whether an address is one host's on the internet."""
    if is_v6 and number >> 32 == MAPPED >> 32:
        return is_a_hosts(number & 0xFFFFFFFF, is_v6=False)
    if not is_v6:
        return not any(first <= number <= last for first, last in V4)
    return UNICAST[0] <= number <= UNICAST[1] and not any(first <= number <= last for first, last in V6)


def test_a_hundred_thousand_addresses() -> None:
    """Anywhere, and around the ends of every range, the answer is that of a second, simpler judge."""
    rng = random.Random(20261120)
    edges = {
        False: [end for pair in V4 for end in pair],
        True: [
            end
            for pair in (*V6, UNICAST, span("64:ff9b::/96"), span("::/96"), span("fc00::/7"))
            for end in pair
        ]
        + [MAPPED + end for pair in V4 for end in pair],
    }
    wrong = []
    for turn in range(100_000):
        is_v6 = turn % 2 == 1
        bits = 128 if is_v6 else 32
        number = rng.getrandbits(bits)
        if turn % 4 > 1:
            number = (rng.choice(edges[is_v6]) + rng.randint(-3, 3)) % (1 << bits)
        address = IPv6Address(number) if is_v6 else IPv4Address(number)
        if is_public(address) != is_a_hosts(number, is_v6=is_v6):
            wrong.append(str(address))
    assert wrong == []


def test_what_an_operator_allows() -> None:
    """By the host's name, or by the network of the address; no other."""
    networks = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]
    assert may_connect("storage.local", "10.1.2.3", hosts=(), networks=networks)
    assert may_connect("Storage.local", "192.168.0.9", hosts={"storage.local"}, networks=())
    assert may_connect("x", "fd00::1%eth0", hosts=(), networks=networks)
    assert not may_connect("x", "192.168.0.9", hosts={"storage.local"}, networks=networks)
    assert not may_connect("x", "not an address", hosts=(), networks=networks)
