"""Applications on servers of their own, on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
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
        with anyio.CancelScope(shield=True):
            await runner.cleanup()
