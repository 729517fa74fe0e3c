"""Bounds around children that read strangers' bytes: memory, time, files, and no network."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from oven.adapters.process import OverdueError, run_child

# Nothing that is made of a tape has a larger file.
MAX_FILE_BYTES = 8 << 30
MAX_FILES = 256
ANSWER_TIMEOUT_S = 10.0
# Ways to a network namespace of one's own, in which there is not even loopback: as root, as anybody.
NAMESPACES = (("unshare", "--net"), ("unshare", "--map-root-user", "--net"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a child may use: address space, CPU seconds, the size of each file it writes."""

    memory_bytes: int
    cpu_s: float
    file_bytes: int = MAX_FILE_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """How children are confined on this machine.

    `network` is the command that takes the network away; empty where the machine does not allow it, and
    ffmpeg's own whitelists must do.
    """

    network: tuple[str, ...] = ()

    def around(self, bounds: Bounds) -> tuple[str, ...]:
        """Give the words that stand before a command."""
        return (
            "prlimit",
            f"--as={bounds.memory_bytes}",
            f"--cpu={math.ceil(bounds.cpu_s)}",
            f"--fsize={bounds.file_bytes}",
            f"--nofile={MAX_FILES}",
            "--core=0",
            *self.network,
        )

    @property
    def description(self) -> str:
        if self.network:
            return "children have bounds, and no network: a namespace of their own"
        return "children have bounds; only ffmpeg's whitelists keep it from the network"


async def find_sandbox() -> Sandbox:
    """Look which confinement this machine allows."""
    for network in NAMESPACES:
        if await _works([*network, "--", "true"]):
            return Sandbox(network=network)
    return Sandbox()


async def _works(command: Sequence[str]) -> bool:
    try:
        finished = await run_child(command, folder=Path("/"), timeout_s=ANSWER_TIMEOUT_S)
    except OverdueError:
        return False
    return finished.returncode == 0
