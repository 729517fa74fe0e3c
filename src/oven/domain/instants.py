"""Instants as JSON has them."""

from datetime import UTC, datetime
from typing import overload


@overload
def iso(instant_ms: int) -> str: ...


@overload
def iso(instant_ms: int | None) -> str | None: ...


def iso(instant_ms: int | None) -> str | None:
    """Write an instant as RFC 3339, UTC, to the millisecond."""
    if instant_ms is None:
        return None
    instant = datetime.fromtimestamp(instant_ms / 1000, UTC)
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
