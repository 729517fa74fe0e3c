"""How many jobs of a kind a user may begin in a day, and which of them count."""

from dataclasses import dataclass, replace
from typing import ClassVar

from oven.domain.errors import BadInputError, Code, OvenError
from oven.domain.job import JobState

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What a user may begin of a kind in a day; `resets_ms` is when the next one begins.

    `used` may be more than `limit`, where that was lowered meanwhile.
    """

    limit: int
    used: int
    resets_ms: int

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


class QuotaError(OvenError):
    """A user has begun as many jobs of a kind today as may be; tomorrow there are others."""

    status: ClassVar[int] = 429
    retryable: ClassVar[bool] = True

    def __init__(self, kind: str, quota: Quota, *, now_ms: int) -> None:
        later = "Send it again after the seconds in Retry-After." if quota.limit else "They are switched off."
        super().__init__(
            Code.RATE_LIMITED,
            f"a user may begin {quota.limit} {kind}s a day (UTC), and {quota.used} were begun today",
            hint=f"Send no more than {quota.remaining} today." if quota.remaining else later,
        )
        self.kind = kind
        self.quota = quota
        self.now_ms = now_ms

    @property
    def retry_after_s(self) -> int:
        """Seconds until the next day has begun; whole ones, at least 1."""
        return max(1, -(-(self.quota.resets_ms - self.now_ms) // 1000))

    def less(self, count: int) -> "QuotaError":
        """Give the same without some that were not kept."""
        quota = replace(self.quota, used=self.quota.used - count)
        return QuotaError(self.kind, quota, now_ms=self.now_ms)


def day_start_ms(now_ms: int) -> int:
    """When the day (UTC) of an instant began; both in milliseconds since 1970.

    >>> day_start_ms(86_400_000 + 5)
    86400000
    """
    return now_ms - now_ms % DAY_MS


def quota_of(limit: int, used: int, *, now_ms: int) -> Quota:
    """Give a user's quota of the day of an instant."""
    return Quota(limit=limit, used=used, resets_ms=day_start_ms(now_ms) + DAY_MS)


def is_charged(state: JobState, error: OvenError | None, *, has_begun: bool) -> bool:
    """Whether a run that has ended counts: not what failed by our fault, nor what never began.

    What can never work is who asked's; everything else that fails is ours: faults, surroundings that were
    in the way for too long, what took too long here, and what was kept here and is not there.
    """
    if state is JobState.CANCELLED:
        return has_begun
    is_theirs = isinstance(error, BadInputError) and error.code is not Code.NOT_FOUND
    return state is JobState.DONE or is_theirs
