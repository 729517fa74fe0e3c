"""A file that is still being written, and read meanwhile."""

from dataclasses import dataclass, field

import anyio


@dataclass(slots=True)
class Growing:
    """Tells who reads how far who writes has come.

    The file is read from its own place on the disk, so neither holds up the other, and nothing piles up
    in memory.
    """

    size_bytes: int = 0
    is_whole: bool = False
    _grown: anyio.Event = field(default_factory=anyio.Event)

    def grow(self, size_bytes: int) -> None:
        """Say that so many bytes can be read."""
        self.size_bytes = size_bytes
        self._tell()

    def end(self) -> None:
        """Say that there will be no more."""
        self.is_whole = True
        self._tell()

    async def reach(self, size_bytes: int) -> int:
        """Wait until so many bytes can be read, or all there will be → how many there are."""
        while self.size_bytes < size_bytes and not self.is_whole:
            await self._grown.wait()
        return self.size_bytes

    def _tell(self) -> None:
        self._grown.set()
        self._grown = anyio.Event()
