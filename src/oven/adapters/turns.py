"""Turns at other hosts: so many at once in all, and so many at each."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio


@dataclass(slots=True)
class Turns:
    """Gives turns in the order in which they were asked for; a host that hangs leaves room for others."""

    at_once: int
    at_once_a_host: int
    _all: anyio.Semaphore = field(init=False)
    _hosts: dict[str, tuple[anyio.Semaphore, list[None]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._all = anyio.Semaphore(self.at_once)

    @asynccontextmanager
    async def at(self, host: str) -> AsyncIterator[None]:
        """Wait for a turn at a host, and have it until left."""
        turns, users = self._hosts.setdefault(host, (anyio.Semaphore(self.at_once_a_host), []))
        users.append(None)
        try:
            async with turns, self._all:
                yield
        finally:
            users.pop()
            if not users:
                # Of hosts that nobody asks for nothing is kept.
                del self._hosts[host]
