"""The daemon as a process of its own, to be asked, told and killed."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.commands import OVEN


@dataclass(slots=True)
class Daemon:
    """A running `oven serve`."""

    process: subprocess.Popen[str]
    base: str

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self, *, timeout_s: float = 45) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout_s)

    @property
    def children(self) -> list[int]:
        """The processes that it has started and that still run."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]


@contextmanager
def running_daemon(data: Path, *, oven: Sequence[str] = OVEN, **settings: str) -> Iterator[Daemon]:
    """Start `oven serve` on a free port, with loopback allowed; kill it at the end if it still runs."""
    environment: Mapping[str, str] = {
        "PATH": os.environ["PATH"],
        "OVEN_DATA_DIR": str(data),
        "OVEN_EGRESS_ALLOW": "127.0.0.1",
        "PORT": "0",
        **settings,
    }
    log = data.with_suffix(".log")
    with log.open("a+") as stderr:
        start = stderr.seek(0, os.SEEK_END)
        # A run that is stopped by force leaves nothing behind.
        command = ["setpriv", "--pdeathsig", "KILL", "--", *oven, "serve"]
        with subprocess.Popen(command, env=environment, stderr=stderr, text=True) as process:
            try:
                while True:
                    said = log.read_text()[start:]
                    if found := re.search(r"listening on ([^\"{]+)\"", said):
                        base = found[1]
                        break
                    if process.poll() is not None:
                        raise RuntimeError(f"the daemon did not start: {said}")
                    # The kernel tells of files that grow only to who has a library for it.
                    process_wait(process)
                yield Daemon(process=process, base=base)
            finally:
                if process.poll() is None:
                    process.kill()
                print(log.read_text()[start:], file=sys.stderr)  # noqa: T201 - shown when a test fails


def process_wait(process: subprocess.Popen[str]) -> None:
    """Wait a moment, less if the process ends."""
    try:
        process.wait(0.02)
    except subprocess.TimeoutExpired:
        return
