"""The memory that children may hold together, given out in the order in which it was asked for."""

from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field

import anyio

# Waits until there is room for so many bytes, which are held until left; also by tools that learn
# themselves how many they need.
Hold = Callable[[int], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True, eq=False)
class _Turn:
    """One who waits in the line."""

    share_bytes: int
    is_given: anyio.Event = field(default_factory=anyio.Event)


@dataclass(slots=True, kw_only=True)
class Budget:
    """So many bytes for all who hold some; without a total there is enough for everybody.

    First come, first served: what is large waits until there is room, and what comes after waits behind it,
    so a stream of small ones starves nobody.
    Who would need more than there is gets all of it, and so works alone.
    Nobody asks while holding, so all that is held is given back, and all who wait come to their turn.
    """

    total_bytes: int | None = None
    held_bytes: int = 0
    _line: deque[_Turn] = field(default_factory=deque)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._line)

    def exceeds(self, wanted_bytes: int) -> bool:
        """Whether it is more than there will ever be."""
        return self.total_bytes is not None and wanted_bytes > self.total_bytes

    @asynccontextmanager
    async def hold(
        self, wanted_bytes: int, waiting: Callable[[], AbstractContextManager[object]] = nullcontext
    ) -> AsyncIterator[None]:
        """Hold so many bytes until left; where they have to be waited for, `waiting` is entered meanwhile."""
        if self.total_bytes is None or wanted_bytes <= 0:
            yield
            return
        share_bytes = min(wanted_bytes, self.total_bytes)
        if self._line or not self._has_room(share_bytes):
            with waiting():
                await self._wait(share_bytes)
        else:
            self.held_bytes += share_bytes
        try:
            yield
        finally:
            self.held_bytes -= share_bytes
            self._serve()

    async def _wait(self, share_bytes: int) -> None:
        turn = _Turn(share_bytes)
        self._line.append(turn)
        try:
            await turn.is_given.wait()
        except BaseException:
            # Who is cancelled leaves the line, or gives back what came at the same moment.
            if turn.is_given.is_set():
                self.held_bytes -= share_bytes
            else:
                self._line.remove(turn)
            self._serve()
            raise

    def _serve(self) -> None:
        """Give to those in front whatever there is room for."""
        while self._line and self._has_room(self._line[0].share_bytes):
            turn = self._line.popleft()
            self.held_bytes += turn.share_bytes
            turn.is_given.set()

    def _has_room(self, share_bytes: int) -> bool:
        return self.total_bytes is None or self.held_bytes + share_bytes <= self.total_bytes
