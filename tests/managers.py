"""A service manager's side of sd_notify: a socket that hears what a service says."""

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

TIMEOUT_S = 50


@dataclass(slots=True)
class Listener:
    """Hears messages, in their order."""

    address: str
    heard: socket.socket
    said: list[str] = field(default_factory=list)

    def hear(self) -> str:
        """Wait for the next message."""
        message = self.heard.recv(4096).decode()
        self.said.append(message)
        return message

    def hear_until(self, line: str) -> str:
        """Wait for a message with a line that begins so."""
        while True:
            message = self.hear()
            if any(each.startswith(line) for each in message.split("\n")):
                return message

    def drop(self) -> None:
        """Take what is there, and forget it."""
        self.heard.setblocking(False)
        try:
            while self.heard.recv(4096):
                pass
        except BlockingIOError:
            self.heard.settimeout(TIMEOUT_S)


@contextmanager
def listening_manager(folder: Path | None = None) -> Iterator[Listener]:
    """Listen in a folder, or, without one, in the abstract namespace."""
    address = f"@oven-test-{secrets.token_hex(8)}" if folder is None else str(folder / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(address.replace("@", "\0", 1))
        heard.settimeout(TIMEOUT_S)
        yield Listener(address=address, heard=heard)
