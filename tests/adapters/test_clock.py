"""The clock on the wall."""

import time

from oven.adapters.clock import wall_ms


def test_milliseconds() -> None:
    """Since 1970."""
    assert abs(wall_ms() - time.time() * 1000) < 1_000
