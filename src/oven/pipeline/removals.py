"""What is being removed from the stores: nothing is made to appear there meanwhile."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio

from oven.recipes.steps import Target


@dataclass(slots=True, kw_only=True)
class Removals:
    """Keeps removing and publishing of one object apart, which a store does not.

    Who removes says so, then looks whether the object may still go; who publishes writes down that it will,
    then waits.  So either the former sees the latter and lets it be, or the latter comes after.
    One daemon has a store's jobs, so it is enough that all of it know.
    """

    _under_way: dict[Target, anyio.Event] = field(default_factory=dict)

    @asynccontextmanager
    async def of(self, target: Target) -> AsyncIterator[None]:
        """Hold up who wants to publish an object."""
        await self.over(target)
        done = self._under_way[target] = anyio.Event()
        try:
            yield
        finally:
            del self._under_way[target]
            done.set()

    async def over(self, target: Target) -> None:
        """Wait while an object is being removed."""
        while (done := self._under_way.get(target)) is not None:
            await done.wait()
