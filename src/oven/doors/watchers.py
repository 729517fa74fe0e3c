"""How many may watch at once, whichever way they do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from oven.domain.errors import Code, TransientError

# Each is a connection, and some memory.
MAX_WATCHERS = 200


@dataclass(slots=True)
class Watchers:
    """Counts who watches, over all doors that share it."""

    most: int = MAX_WATCHERS
    count: int = 0

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Let one watch, until left.

        Raises:
            TransientError: TOO_MANY_WATCHERS.

        """
        if self.count >= self.most:
            raise TransientError(Code.TOO_MANY_WATCHERS, f"{self.most} clients are watching already")
        self.count += 1
        try:
            yield
        finally:
            self.count -= 1
