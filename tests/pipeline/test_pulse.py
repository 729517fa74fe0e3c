"""A signal for any number of waiters."""

import anyio

from oven.pipeline.pulse import Pulse


async def test_everybody_is_woken() -> None:
    """Also by a beat that came while they were looking."""
    pulse = Pulse()
    first, second = pulse.next, pulse.next
    pulse.beat()
    with anyio.fail_after(1):
        await first.wait()
        await second.wait()
    assert not pulse.next.is_set()
