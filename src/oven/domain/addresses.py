"""Which network addresses a stranger's URL may lead to."""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# What Python counts as global and is not, or leads to an address inside another (RFC 6890, 6052, 3056,
# 4380, 7526, 9637): translation prefixes, tunnels, site-local, multicast, relays, documentation, segments.
NOT_PUBLIC: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/8",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)


def is_public(address: Address) -> bool:
    """Whether an address is one host's on the public internet, and no other's in disguise."""
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    decided: Address = address if inner is None else inner
    if not decided.is_global or decided.is_multicast or decided.is_reserved:
        return False
    return not any(decided.version == network.version and decided in network for network in NOT_PUBLIC)


def may_connect(host: str, text: str, *, hosts: Collection[str], networks: Collection[Network]) -> bool:
    """Whether a socket may connect to a numeric address, on the way to a host.

    Args:
        host: the host as the URL names it.
        text: the address, numeric, as the socket would use it.
        hosts: hosts that may be reached wherever they are.
        networks: networks that may be reached although private.

    """
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if is_public(address) or host.lower() in hosts:
        return True
    return any(address.version == network.version and address in network for network in networks)
