"""The native door."""

import aiohttp
import pytest

from oven.domain.job import JobRecord, JobState
from oven.doors.jobs import job_json
from tests.daemons import Daemon
from tests.doors.conftest import ADMIN, OUTSIDE

ROUTES = [
    ("GET", "/v1/jobs"),
    ("GET", "/v1/jobs/x"),
    ("GET", "/v1/jobs/x/timeline"),
    ("DELETE", "/v1/jobs/x"),
    ("POST", "/v1/jobs/x/retry"),
    ("POST", "/v1/jobs/x/callback/replay"),
]

# A job that failed; whatever is a secret of it says so.
RECORD = JobRecord(
    id="j",
    kind="bake",
    owner="",
    state=JobState.FAILED,
    run=2,
    attempt=3,
    crashes=1,
    token="secret",
    seq=9,
    output_key="k",
    request={"url": "https://example.com/?signature=secret"},
    callback=None,
    progress=0.123456,
    phase="encode",
    created_ms=0,
    available_ms=0,
    started_ms=1_500,
    finished_ms=None,
    result=None,
    error={"code": "ENCODE_STALLED", "message": "m", "hint": "h", "retryable": True, "stage": "encode"},
)


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_for_the_admin_alone(
    client: aiohttp.ClientSession, daemon: Daemon, method: str, path: str
) -> None:
    """401 without a token or with a wrong one; the admin and this machine come in."""
    url = daemon.base + path
    found = 200 if path == "/v1/jobs" else 404
    for headers, status in (
        (OUTSIDE, 401),
        (OUTSIDE | {"Authorization": "Bearer wrong"}, 401),
        (OUTSIDE | {"Authorization": "Basic x"}, 401),
        (ADMIN, found),
        ({}, found),
        ({"Authorization": "Bearer wrong"}, 401),
    ):
        async with client.request(method, url, headers=headers) as answer:
            assert answer.status == status, headers
            if status == 401:
                assert (await answer.json(content_type=None))["code"].startswith("AUTH_")


async def test_without_a_token_only_this_machine(client: aiohttp.ClientSession, closed: Daemon) -> None:
    """And not through a proxy on it."""
    async with client.get(f"{closed.base}/v1/jobs") as answer:
        assert answer.status == 200
    async with client.get(f"{closed.base}/v1/jobs", headers=ADMIN) as answer:
        assert (answer.status, (await answer.json(content_type=None))["code"]) == (503, "DOOR_CLOSED")
        assert "Retry-After" not in answer.headers


@pytest.mark.parametrize(
    "query",
    [
        "state=cooking",
        "limit=0",
        "limit=x",
        "limit=201",
        "limit=0000000019999",
        "limit=٣",
        "slug=x",
        "callback=lost",
        "cursor=x",
        "cursor=1.",
        "cursor=9223372036854775808.a",
    ],
)
async def test_bad_queries(client: aiohttp.ClientSession, daemon: Daemon, query: str) -> None:
    """400, with what is allowed."""
    async with client.get(f"{daemon.base}/v1/jobs?{query}") as answer:
        assert (answer.status, (await answer.json(content_type=None))["code"]) == (400, "FIELD_INVALID")


def test_a_job_in_json() -> None:
    """Its members, its instants in UTC, and nothing of its request or callback."""
    said = job_json(RECORD)
    assert "secret" not in str(said)
    assert list(said) == [
        *("id", "kind", "owner", "bucket", "output", "state", "run", "attempt", "seq", "progress", "phase"),
        *("createdAt", "startedAt", "finishedAt", "result", "error", "callback"),
    ]
    assert said["createdAt"] == "1970-01-01T00:00:00.000Z"
    assert said["startedAt"] == "1970-01-01T00:00:01.500Z"
    assert said["error"] == {
        "code": "ENCODE_STALLED",
        "message": "m",
        "retryable": True,
        "stage": "encode",
        "attempt": 3,
    }
