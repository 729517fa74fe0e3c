"""What may be begun in a day, and what of it counts."""

import pytest

from oven.domain.errors import BadInputError, Code, FaultError, OvenError, TooLargeError, TransientError
from oven.domain.job import JobState
from oven.domain.quota import DAY_MS, Quota, QuotaError, day_start_ms, is_charged, quota_of

# 2026-03-01T00:00:00Z.
DAY = 1_772_323_200_000


@pytest.mark.parametrize(
    ("now_ms", "start_ms"),
    [
        (DAY, DAY),
        (DAY + 1, DAY),
        (DAY + DAY_MS - 1, DAY),
        (DAY + DAY_MS, DAY + DAY_MS),
        (DAY - 1, DAY - DAY_MS),
    ],
)
def test_days_begin_at_midnight(now_ms: int, start_ms: int) -> None:
    """Of UTC, whatever the machine's zone."""
    assert day_start_ms(now_ms) == start_ms


def test_what_remains() -> None:
    """Never less than nothing, also where the limit was lowered meanwhile; the next day is told."""
    assert quota_of(10, 9, now_ms=DAY + 5) == Quota(limit=10, used=9, resets_ms=DAY + DAY_MS)
    assert [Quota(limit=10, used=used, resets_ms=0).remaining for used in (0, 9, 10, 12)] == [10, 1, 0, 0]


@pytest.mark.parametrize(
    ("now_ms", "seconds"),
    [(DAY, 86_400), (DAY + 1, 86_400), (DAY + DAY_MS - 1_001, 2), (DAY + DAY_MS - 1, 1)],
)
def test_when_to_come_back(now_ms: int, seconds: int) -> None:
    """In whole seconds, after which the next day has begun."""
    error = QuotaError("short", quota_of(10, 10, now_ms=now_ms), now_ms=now_ms)
    assert error.retry_after_s == seconds
    assert day_start_ms(now_ms + 1_000 * seconds) == DAY + DAY_MS


def test_a_refusal_without_what_was_not_kept() -> None:
    """Tells what is left for a smaller request."""
    error = QuotaError("short", quota_of(10, 10, now_ms=DAY), now_ms=DAY)
    assert (error.code, error.status, error.retryable) == (Code.RATE_LIMITED, 429, True)
    assert "Retry-After" in error.hint
    less = error.less(2)
    assert (less.quota.used, less.quota.remaining, less.retry_after_s) == (8, 2, error.retry_after_s)
    assert "no more than 2" in less.hint
    assert "8 were begun" in less.message


@pytest.mark.parametrize(
    ("state", "error", "has_begun", "counts"),
    [
        (JobState.DONE, None, True, True),
        (JobState.FAILED, BadInputError(Code.MEDIA_INVALID, "broken"), True, True),
        (JobState.FAILED, TooLargeError(Code.DOWNLOAD_TOO_LARGE, "more than may be"), True, True),
        (JobState.FAILED, BadInputError(Code.NOT_FOUND, "gone from the store"), True, False),
        (JobState.FAILED, FaultError(Code.ENCODE_FAILED, "refused"), True, False),
        (JobState.FAILED, FaultError(Code.ENCODE_TIMEOUT, "an hour"), True, False),
        (JobState.FAILED, FaultError(Code.STORAGE_DENIED, "no"), True, False),
        (JobState.FAILED, FaultError(Code.WORKER_CRASHED, "thrice"), True, False),
        (JobState.FAILED, TransientError(Code.UPLOAD_FAILED, "again and again"), True, False),
        (JobState.FAILED, TransientError(Code.WORKER_CRASHED, "thrice"), True, False),
        (JobState.FAILED, FaultError(Code.INTERNAL, "before it began"), False, False),
        (JobState.FAILED, None, True, False),
        (JobState.CANCELLED, BadInputError(Code.CANCELLED, "cancelled"), True, True),
        (JobState.CANCELLED, BadInputError(Code.CANCELLED, "cancelled"), False, False),
    ],
)
def test_what_counts(state: JobState, error: OvenError | None, *, has_begun: bool, counts: bool) -> None:
    """What was made, what could never be made, and what was stopped while it was; the rest is our fault."""
    assert is_charged(state, error, has_begun=has_begun) is counts
