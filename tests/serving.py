"""Applications on servers of their own, on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio.lowlevel
from aiohttp import web


@asynccontextmanager
async def serving(app: web.Application, *, host: str = "127.0.0.1", **options: Any) -> AsyncIterator[int]:
    """Listen on a free port → it; `options` are the runner's."""
    runner = web.AppRunner(app, **options)
    await runner.setup()
    listener = web.TCPSite(runner, host, 0)
    await listener.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await end(runner)


async def end(runner: web.AppRunner) -> None:
    """End a server, and each of its connections, also where nobody reads what it still has to say."""
    with anyio.CancelScope(shield=True):
        connections = runner.server.connections if runner.server else []
        transports = [connection.transport for connection in connections]
        await runner.cleanup()
        for transport in transports:
            if transport is not None:
                transport.abort()
        # A socket is closed by the loop, in its next turn.
        await anyio.lowlevel.checkpoint()
        await anyio.lowlevel.checkpoint()
