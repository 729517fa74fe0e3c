"""How late the event loop is."""

import time
from collections.abc import Callable

import anyio

LOOK_EVERY_S = 0.5


async def observe_lag(lagged: Callable[[float], None]) -> None:
    """Tell how much later than asked for the loop wakes us, in seconds, until cancelled."""
    while True:
        began = time.monotonic()
        await anyio.sleep(LOOK_EVERY_S)
        lagged(max(0.0, time.monotonic() - began - LOOK_EVERY_S))
