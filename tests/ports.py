"""Ports that stay free until a test uses them, also where several tests run at once."""

import os
import random
import socket
from collections.abc import Iterator
from contextlib import suppress

# From 32 768 on the kernel gives ports to whoever asks for any: also one whose daemon is just down.
FIRST = 12_000
# Each worker of pytest-xdist has so many of its own.
SHARE, WORKERS = 2_000, 10


def free_port() -> int:
    """Give a port on which nobody listens, and that no other test is given."""
    for port in _own:
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("every port is taken")


def _ports(worker: str) -> Iterator[int]:
    """Give each port of a worker once, from anywhere on: other runs may be under way."""
    number = int(worker.removeprefix("gw") or 0) % WORKERS
    begin = random.randrange(SHARE)
    return (FIRST + number * SHARE + (begin + step) % SHARE for step in range(SHARE))


_own = _ports(os.environ.get("PYTEST_XDIST_WORKER", ""))
