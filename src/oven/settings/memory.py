"""How much memory Oven may hold, and what of it is its children's."""

from dataclasses import dataclass

from oven.settings.kinds import MIB
from oven.settings.reading import Settings

# What the daemon itself holds; measured: 120 to 150 MB while it bakes.
DAEMON_BYTES = 150 * MIB
# Of a machine that nobody divides a fifth stays for the system, as the unit's MemoryMax=80% has it.
SHARE_OF_A_MACHINE = 0.8
# Of what is ours a ninth stays for what nothing weighs: page cache, previews, ffprobe.
WEIGHED_SHARE = 8 / 9


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryBudget:
    """The bytes of the daemon and its children together; `origin` says who chose them."""

    total_bytes: int
    origin: str

    @property
    def children_bytes(self) -> int:
        """What is left for children; never nothing, for what is larger works alone."""
        return max(1, self.total_bytes - DAEMON_BYTES)

    def __str__(self) -> str:
        shown = f"{self.total_bytes // MIB:,} MB, of which {self.children_bytes // MIB:,} MB are for work"
        return f"{shown} ({self.origin})"


def memory_budget(settings: Settings, *, installed_bytes: int, limit_bytes: int | None) -> MemoryBudget:
    """Take what the operator sets; else a share of what is installed, or of what control groups allow."""
    if settings.memory_budget_mb is not None:
        return MemoryBudget(total_bytes=settings.memory_budget_mb * MIB, origin="OVEN_MEMORY_BUDGET_MB")
    ours_bytes, origin = (
        round(installed_bytes * SHARE_OF_A_MACHINE),
        f"by this machine's {installed_bytes // MIB:,} MB",
    )
    if limit_bytes is not None and limit_bytes < ours_bytes:
        ours_bytes, origin = limit_bytes, f"by the control group's limit of {limit_bytes // MIB:,} MB"
    return MemoryBudget(total_bytes=round(ours_bytes * WEIGHED_SHARE), origin=origin)
