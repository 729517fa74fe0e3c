"""A signal that something has changed, for any number of waiters."""

from dataclasses import dataclass, field

import anyio


@dataclass(slots=True)
class Pulse:
    """Carries no news itself: who is woken looks for them, so nobody's backlog grows.

    Take `next` before looking; then nothing that comes while looking is missed.
    """

    next: anyio.Event = field(default_factory=anyio.Event)

    def beat(self) -> None:
        """Wake everybody who waits."""
        self.next.set()
        self.next = anyio.Event()
