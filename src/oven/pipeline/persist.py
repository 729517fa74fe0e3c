"""What must be written, as soon as the store answers."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from oven.domain.errors import TransientError

# How long a store that does not answer is left alone.
PAUSE_S = 0.5

T = TypeVar("T")


async def persist(change: Callable[[], Awaitable[T]]) -> T:
    """Make a change, or a read, in the store; where it does not answer, again and again until it does."""
    while True:
        try:
            return await change()
        except TransientError:
            await anyio.sleep(PAUSE_S)
