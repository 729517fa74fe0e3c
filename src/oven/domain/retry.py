"""When a failed attempt is tried again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from oven.domain.errors import Code, FaultError, OvenError

# Waits before the second, third and fourth try.
DELAYS_S = (5.0, 10.0, 20.0)
# A wait is longer by up to this share, so that jobs that failed together do not return together.
JITTER = 0.2
# Attempts that ended with the death of whoever made them, before the job is taken for the cause.
MAX_CRASHES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRule:
    """How often, and after how long, a kind of job is tried again.

    `final` are codes after which it is not, though other kinds are, each with the hint that is given then.
    """

    delays_s: Sequence[float] = DELAYS_S
    final: Mapping[Code, str] = field(default_factory=dict)

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

    def judged(self, failure: OvenError) -> OvenError:
        """Give a failure as it is for this kind of job, which need not be one that may pass."""
        hint = self.final.get(failure.code)
        if hint is None:
            return failure
        final = FaultError(failure.code, failure.message, hint=hint, detail=failure.detail)
        final.stage = failure.stage
        return final
