"""The clock on the wall."""

import time


def wall_ms() -> int:
    """Read the clock: milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000
