"""What a user may still begin, as it is told."""

import json

from oven.domain.quota import QuotaError, quota_of
from oven.doors.problems import problem
from oven.doors.quota import quota_json

DAY = 1_772_323_200_000


def test_what_is_told() -> None:
    """All that a page needs to say how many are left, and until when."""
    assert quota_json(quota_of(10, 4, now_ms=DAY + 5)) == {
        "limit": 10,
        "used": 4,
        "remaining": 6,
        "resets_at": "2026-03-02T00:00:00.000Z",
    }


def test_a_refusal() -> None:
    """Has it, too, and the seconds until the next day."""
    error = QuotaError("short", quota_of(10, 10, now_ms=DAY + 5), now_ms=DAY + 5)
    response = problem(error, status=error.status, instance="x")
    assert isinstance(response.body, bytes)
    said = json.loads(response.body)
    assert (response.status, said["code"], said["retryable"]) == (429, "RATE_LIMITED", True)
    assert response.headers["Retry-After"] == "86400"
    assert said["quota"] == quota_json(error.quota)
