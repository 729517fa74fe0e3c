"""The end of a daemon's work: what runs may end, and what has ended is told."""

import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

import anyio
import structlog

from oven.engines.embedded import HAND_BACK_S, EmbeddedEngine

# Beside what jobs get: handing them back, telling what has ended, and the answers under way.
REST_S = HAND_BACK_S + 5.0
log = structlog.get_logger("oven.daemon")


async def wind_down(
    engine: EmbeddedEngine,
    drains: Sequence[Callable[[], Coroutine[Any, Any, None]]],
    signals: AsyncIterator[signal.Signals],
) -> None:
    """Let running jobs end, or hand them back; then let what ended be told.

    Args:
        engine: what runs them.
        drains: each tells what is left to tell.
        signals: one more ends the patience with running jobs.

    """
    async with anyio.create_task_group() as stopping:
        stopping.start_soon(_hurry, engine, signals)
        await engine.drain()
        async with anyio.create_task_group() as telling:
            for drain in drains:
                telling.start_soon(drain)
        stopping.cancel_scope.cancel()


async def _hurry(engine: EmbeddedEngine, signals: AsyncIterator[signal.Signals]) -> None:
    await anext(signals)
    log.info("stop_hurried", running=len(engine.running))
    engine.is_hurried = True
