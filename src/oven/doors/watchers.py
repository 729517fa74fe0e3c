"""Who watches, whichever way they do: how many at once, and until when."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aiohttp import web

from oven.domain.errors import Code, TransientError

# Each is a connection, and some memory.
MAX_WATCHERS = 200
# Linger for 0 s: what was not taken is thrown away.
AT_ONCE = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class Watchers:
    """Counts who watches, over all doors that share it."""

    most: int = MAX_WATCHERS
    count: int = 0

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Let one watch, until left.

        Raises:
            TransientError: TOO_MANY_WATCHERS.

        """
        if self.count >= self.most:
            raise TransientError(Code.TOO_MANY_WATCHERS, f"{self.most} clients are watching already")
        self.count += 1
        try:
            yield
        finally:
            self.count -= 1


def has_gone(request: web.Request) -> bool:
    """Whether a connection is closed, or about to be; nothing else tells a door that only sends."""
    return request.transport is None or request.transport.is_closing()


def cut_off(request: web.Request) -> None:
    """Close a connection at once, with what was not taken of it.

    To close it politely is to wait until all has been taken: who takes nothing would keep it, and the memory.
    """
    if request.transport is None:
        return
    if (connection := request.transport.get_extra_info("socket")) is not None:
        # Nor does the kernel keep it.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    request.transport.abort()
