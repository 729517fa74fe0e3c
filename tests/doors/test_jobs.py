"""The native door."""

import aiohttp
import pytest

from oven.domain.job import JobRecord, JobState
from tests.daemons import Daemon
from tests.doors.conftest import ADMIN

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
    progress_url="https://example.com/?signature=secret",
    progress=0.123456,
    phase="encode",
    created_ms=0,
    available_ms=0,
    started_ms=1_500,
    finished_ms=None,
    result=None,
    error={"code": "ENCODE_STALLED", "message": "m", "hint": "h", "retryable": True, "stage": "encode"},
)


async def test_without_a_token_only_this_machine(client: aiohttp.ClientSession, closed: Daemon) -> None:
    """Is the admin, and not who comes through a proxy on it; users may have keys all the same."""
    async with client.get(f"{closed.base}/metrics") as answer:
        assert answer.status == 200
    for path, code in (("/metrics", (503, "DOOR_CLOSED")), ("/v1/jobs", (401, "AUTH_INVALID"))):
        async with client.get(closed.base + path, headers=ADMIN) as answer:
            assert (answer.status, (await answer.json(content_type=None))["code"]) == code
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
