"""A network of the lab's own: one host, this machine, and one guest, which reaches the world through it."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network namespace and addresses: `host` is this machine, `stranger` it too, by another address."""

    namespace: str
    host: str
    stranger: str
    guest: str


@contextmanager
def network(name: str, number: int) -> Iterator[Network]:
    """Make 10.213.NUMBER.0/24, with a way out; all of it goes at the end.

    Args:
        name: of the namespace, and, with a digit behind, of its two ends; at most 14 characters.
        number: which network, from 0 to 255.

    """
    made = Network(
        namespace=name,
        host=f"10.213.{number}.1",
        guest=f"10.213.{number}.2",
        stranger=f"10.213.{number}.9",
    )
    inside = f"ip -n {name}"
    with ExitStack() as stack:
        _run(f"ip netns add {name}")
        stack.callback(_run, f"ip netns del {name}")
        _run(f"ip link add {name}0 type veth peer name {name}1 netns {name}")
        for address in (made.host, made.stranger):
            _run(f"ip addr add {address}/24 dev {name}0")
        _run(f"ip link set {name}0 up")
        _run(f"{inside} addr add {made.guest}/24 dev {name}1")
        _run(f"{inside} link set {name}1 up")
        _run(f"{inside} link set lo up")
        _run(f"{inside} route add default via {made.host}")
        before = FORWARDING.read_text()
        FORWARDING.write_text("1\n")
        stack.callback(FORWARDING.write_text, before)
        _run(f"nft add table ip {name}")
        stack.callback(_run, f"nft delete table ip {name}")
        _run(f"nft add chain ip {name} out {{ type nat hook postrouting priority 100 ; }}")
        _run(f'nft add rule ip {name} out ip saddr 10.213.{number}.0/24 oifname != "{name}0" masquerade')
        yield made


def _run(command: str) -> None:
    words = [word.strip('"') for word in command.split(" ")]
    subprocess.run(words, check=True)
