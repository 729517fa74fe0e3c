"""Watching what happens here, for who counts it."""

import time
from collections.abc import Callable

import anyio

from oven.domain.errors import OvenError
from oven.domain.job import JobRecord
from oven.pipeline.service import Service

LOOK_EVERY_S = 0.5
# After a store that did not answer.
AGAIN_S = 1.0


async def observe_ends(service: Service, ended: Callable[[JobRecord], None], *, after: int) -> None:
    """Tell of every run of a job that ends, until cancelled.

    Args:
        service: what is watched.
        ended: takes each job as it has ended.
        after: the `seq` of the last change that is known.

    """
    seen = after
    while True:
        try:
            async for record in service.watch(after=seen):
                seen = max(seen, record.seq)
                if record.state.is_final:
                    ended(record)
        except OvenError:
            await anyio.sleep(AGAIN_S)


async def observe_lag(lagged: Callable[[float], None]) -> None:
    """Tell how much later than asked for the event loop wakes us, in seconds, until cancelled."""
    while True:
        began = time.monotonic()
        await anyio.sleep(LOOK_EVERY_S)
        lagged(max(0.0, time.monotonic() - began - LOOK_EVERY_S))
