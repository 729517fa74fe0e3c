"""Children that are measured: how long they took, and what of the machine."""

import os
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.memory import sampled
from oven.adapters.process import ENVIRONMENT


class Cost(NamedTuple):
    """What a child took, with its own children: seconds, seconds of processors, bytes resident at most."""

    wall_s: float
    cpu_s: float
    peak_bytes: float


class FailedError(Exception):
    """A child ended with an error; the message is what it said last."""


def measured(words: list[str], folder: Path) -> tuple[Cost, str]:
    """Run a program to its end → what it took, and what it said on stderr.

    Memory of all its processes is added up, in samples, whatever they share: what the system tells of a child
    that has ended counts what we held ourselves when it began.

    Raises:
        FailedError: it did not end well.

    """
    began = time.perf_counter()
    child = subprocess.Popen(  # noqa: S603 - ourselves
        words,
        cwd=folder,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with child, sampled(child.pid) as seen:
        said = child.stderr.read() if child.stderr else ""
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        wall_s = time.perf_counter() - began
    if child.returncode:
        raise FailedError(said[-2000:])
    return Cost(wall_s, used.ru_utime + used.ru_stime, seen.peak), said
