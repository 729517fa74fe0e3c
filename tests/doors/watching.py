"""A door on a server of the test's own, and clients that watch badly."""

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import anyio
from aiohttp import web

from oven.doors.ports import Door
from oven.doors.problems import problems
from tests.serving import serving


@asynccontextmanager
async def served(door: Door) -> AsyncIterator[int]:
    """Serve a door → the port."""
    app = web.Application(middlewares=[problems])
    app.add_routes(door.routes())
    async with serving(app) as port:
        yield port


@contextmanager
def idle_client(port: int, path: str, *headers: str) -> Iterator[socket.socket]:
    """Ask, and read nothing of the answer; little of it fits into the kernel."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.connect(("127.0.0.1", port))
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", *headers, "", ""]
        client.sendall("\r\n".join(lines).encode())
        yield client


async def until_cut_off(client: socket.socket, within_s: float) -> None:
    """Wait until the other side has thrown the connection away, with what was not taken."""
    with anyio.fail_after(within_s):
        while not client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            await anyio.sleep(0.02)
