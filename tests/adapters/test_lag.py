"""How late the event loop is."""

import time

import anyio
import pytest

from oven.adapters import lag
from oven.adapters.lag import observe_lag


async def test_a_loop_that_is_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """By how much it is late."""
    monkeypatch.setattr(lag, "LOOK_EVERY_S", 0.05)
    lags: list[float] = []
    async with anyio.create_task_group() as group:
        group.start_soon(observe_lag, lags.append)
        await anyio.sleep(0.01)
        time.sleep(0.3)  # noqa: ASYNC251 - to hold the loop up is the point
        await anyio.sleep(0.1)
        group.cancel_scope.cancel()
    assert 0.2 < max(lags) < 5
