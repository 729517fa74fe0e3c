"""What the service manager is told: that we start, are ready, live and stop, and what we do."""

import asyncio
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field

# What changes faster than that is told later.
SPEAK_EVERY_S = 3.0
# So many pings go out in the time that the watchdog waits for one.
PINGS = 3
# A start that goes on may take so long more, again and again, but not for longer than that in all.
EXTEND_S, MAX_START_S = 30.0, 1_800.0


@dataclass(slots=True, kw_only=True)
class Manager:
    """The service manager that has started us, where one has: sd_notify(3), a datagram a message.

    It is spoken to in timers of the event loop: while the loop hangs no ping goes out, and no task's end
    is the pings' end. Nobody waits for it: what it cannot take now it is told the next time.
    """

    # A path, or a name in the abstract namespace behind an @; without one nothing is said.
    address: str = ""
    # None where nobody waits for pings.
    ping_every_s: float | None = None
    _status: Callable[[], str] = str
    _told: str = ""
    _unsent: list[str] = field(default_factory=list)
    _started_s: float | None = None
    _timers: dict[str, asyncio.TimerHandle] = field(default_factory=dict)

    @contextmanager
    def attended(self, status: str) -> Iterator[None]:
        """Speak until the block ends, which begins with the start of the service."""
        self._status, self._started_s = lambda: status, asyncio.get_running_loop().time()
        try:
            if self.address:
                self._repeat("words", SPEAK_EVERY_S, self._speak)
            if self.address and self.ping_every_s is not None:
                self._repeat("pings", self.ping_every_s, lambda: self._send("WATCHDOG=1"))
            yield
        finally:
            for timer in self._timers.values():
                timer.cancel()

    def ready(self, status: Callable[[], str]) -> None:
        """Say that requests are answered, and from now on what `status` gives, where it changes."""
        self._started_s = None
        self._turn("READY=1", status)

    def stopping(self, status: Callable[[], str], *, within_s: float) -> None:
        """Say that the end has begun, and that it may take so long."""
        self._turn(f"STOPPING=1\nEXTEND_TIMEOUT_USEC={within_s * 1e6:.0f}", status)

    def _turn(self, said: str, status: Callable[[], str]) -> None:
        self._status = status
        if self.address:
            self._unsent.append(said)
            self._speak()

    def _repeat(self, name: str, every_s: float, act: Callable[[], object]) -> None:
        act()
        loop = asyncio.get_running_loop()
        self._timers[name] = loop.call_later(every_s, self._repeat, name, every_s, act)

    def _speak(self) -> None:
        """Say what has not been said, and what is new."""
        status, said = self._status(), [*self._unsent]
        now_s = asyncio.get_running_loop().time()
        if self._started_s is not None and now_s - self._started_s < MAX_START_S:
            said.append(f"EXTEND_TIMEOUT_USEC={EXTEND_S * 1e6:.0f}")
        if status != self._told:
            said.append(f"STATUS={status}")
        if said and self._send("\n".join(said)):
            self._unsent.clear()
            self._told = status

    def _send(self, message: str) -> bool:
        """Send a message if it can be taken now."""
        name = f"\0{self.address[1:]}" if self.address.startswith("@") else self.address
        with suppress(OSError), closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as sender:
            sender.setblocking(False)
            sender.sendto(message.encode(), name)
            return True
        return False


def find_manager(environment: Mapping[str, str] = os.environ, pid: int | None = None) -> Manager:
    """Give the manager that has started this process, or one to whom nothing is said."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return Manager()
    usec, watched = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    is_ours = watched in {"", str(os.getpid() if pid is None else pid)}
    is_watched = is_ours and usec.isdecimal() and int(usec) > 0
    return Manager(address=address, ping_every_s=int(usec) / 1e6 / PINGS if is_watched else None)
