"""Calls as a synchronous program makes them."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import anyio.to_thread

T = TypeVar("T")


async def call(function: Callable[..., T], *arguments: Any, **options: Any) -> T:
    """Call what waits, in a thread, while servers of this test answer it."""
    return await anyio.to_thread.run_sync(partial(function, *arguments, **options))
