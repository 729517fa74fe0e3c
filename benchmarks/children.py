"""Children that are measured: how long they took, and what of the machine."""

import os
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from oven.adapters.process import ENVIRONMENT


class Cost(NamedTuple):
    """What a child took: seconds, seconds of processors, and the most memory that was resident, in bytes."""

    wall_s: float
    cpu_s: float
    peak_bytes: int


class FailedError(Exception):
    """A child ended with an error; the message is what it said last."""


def measured(words: list[str], folder: Path) -> tuple[Cost, str]:
    """Run a program to its end → what it took, and what it said on stderr.

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
    with child:
        said = child.stderr.read() if child.stderr else ""
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise FailedError(said[-2000:])
    cost = Cost(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)
    return cost, said
