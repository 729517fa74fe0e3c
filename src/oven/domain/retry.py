"""When a failed attempt is tried again."""

from collections.abc import Sequence
from dataclasses import dataclass

# Waits before the second, third and fourth try.
DELAYS_S = (5.0, 10.0, 20.0)
# A wait is longer by up to this share, so that jobs that failed together do not return together.
JITTER = 0.2
# Attempts that ended with the death of whoever made them, before the job is taken for the cause.
MAX_CRASHES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRule:
    """How often, and after how long, a kind of job is tried again."""

    delays_s: Sequence[float] = DELAYS_S

    def delay_s(self, failures: int, chance: float) -> float | None:
        """Give the wait after the `failures`-th failure, None when it was the last one.

        Crashes and clean hand-backs are no failures.

        Args:
            failures: failures so far in this run, this one included; at least 1.
            chance: from 0 to 1, drawn by the caller.

        """
        if failures > len(self.delays_s):
            return None
        return self.delays_s[failures - 1] * (1 + JITTER * chance)
