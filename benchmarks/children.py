"""Children that are measured: how long they took, and what of the machine."""

import os
import subprocess
import time
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

from benchmarks.memory import sampled
from oven.adapters.process import ENVIRONMENT


class Cost(NamedTuple):
    """What a child took: seconds, seconds of processors, and the most memory that was resident, in bytes.

    Processors' seconds count its own children; memory is the largest process's, or the tree's.
    """

    wall_s: float
    cpu_s: float
    peak_bytes: float


class FailedError(Exception):
    """A child ended with an error; the message is what it said last."""


def measured(words: list[str], folder: Path, *, is_tree: bool = False) -> tuple[Cost, str]:
    """Run a program to its end → what it took, and what it said on stderr.

    Of a tree the memory of all processes is added up, in samples, whatever they share.

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
    with child, sampled(child.pid) if is_tree else nullcontext() as sampled_tree:
        said = child.stderr.read() if child.stderr else ""
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        wall_s = time.perf_counter() - began
    if child.returncode:
        raise FailedError(said[-2000:])
    peak_bytes = max(used.ru_maxrss * 1024, sampled_tree.peak if sampled_tree else 0)
    cost = Cost(wall_s, used.ru_utime + used.ru_stime, peak_bytes)
    return cost, said
