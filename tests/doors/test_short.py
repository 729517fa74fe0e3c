"""A short as the API tells it."""

from dataclasses import replace
from typing import Any

import pytest

from oven.domain.job import JobRecord, JobState
from oven.doors.short import FILENAME, short_json
from oven.recipes.steps import Target
from tests.doors.test_jobs import RECORD
from tests.recipes.test_short import ASKED

HOUR_MS = 3_600_000
RESULT = {
    "file_size_bytes": 7,
    "duration_s": 2.0,
    "resolution": "1080x1920",
    "lifetime_s": 86_400.0,
    "warnings": [],
}


class Links:
    """A store that gives links alone."""

    def __init__(self) -> None:
        self.asked: list[tuple[Target, int, str]] = []

    async def presign(self, target: Target, *, expires_s: int, filename: str = "") -> str:
        self.asked.append((target, expires_s, filename))
        return "https://link"


def short(state: JobState, **members: Any) -> JobRecord:
    plain = {
        "kind": "short",
        "state": state,
        "request": ASKED.as_json(),
        "error": None,
        "phase": "",
        "progress": 0.0,
    }
    return replace(RECORD, **(plain | members))


async def told(record: JobRecord, now_ms: int = 0, links: Links | None = None) -> dict[str, Any]:
    return dict(await short_json(record, (links or Links()).presign, now_ms=now_ms))


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (JobState.QUEUED, "pending"),
        (JobState.RUNNING, "processing"),
        (JobState.RETRYING, "pending"),
        (JobState.FAILED, "failed"),
        (JobState.CANCELLED, "failed"),
    ],
)
async def test_states(state: JobState, status: str) -> None:
    """Of the job, in the words of the scenes' service; there is no link before there is a file."""
    said = await told(short(state, progress=0.427))
    assert (said["status"], said["progress"]) == (status, 42)
    assert (said["download_url"], said["expires_at"], said["expired"]) == (None, None, False)
    assert (said["scene_id"], said["video_id"]) == ("s1", "a1")
    assert (said["aspect_ratio_strategy"], said["output_quality"]) == ("blur", "medium")


@pytest.mark.parametrize(
    ("hours", "link_s", "is_expired"),
    [(0, 3_600, False), (22.5, 3_600, False), (23.5, 1_800, False), (24, None, True), (900, None, True)],
)
async def test_a_file_has_its_time(hours: float, link_s: int | None, is_expired: bool) -> None:  # noqa: FBT001
    """A day; a link is good for an hour, and never for longer than the file is there."""
    links = Links()
    done = short(JobState.DONE, result=RESULT, finished_ms=1_000)
    said = await told(done, 1_000 + int(hours * HOUR_MS), links)
    assert (said["status"], said["progress"], said["expires_at"]) == (
        *("completed", 100),
        "1970-01-02T00:00:01.000Z",
    )
    assert said["expired"] is is_expired
    assert said["download_url"] == (None if is_expired else "https://link")
    assert links.asked == ([] if link_s is None else [(ASKED.target, link_s, FILENAME)])
    assert (said["file_size_bytes"], said["duration_s"], said["resolution"]) == (7, 2.0, "1080x1920")


async def test_messages_are_short() -> None:
    """500 characters at most, whatever went wrong."""
    error = {"code": "ENCODE_FAILED", "message": "x" * 600, "hint": "", "retryable": True, "stage": "encode"}
    said = await told(short(JobState.FAILED, error=error))
    assert (len(said["error"]), said["error"][-1], said["error_code"]) == (500, "…", "ENCODE_FAILED")


async def test_a_file_that_nobody_reaches() -> None:
    """Has no link, and is not told to be gone before its time."""

    async def no_link(*_: object, **__: object) -> str:
        return ""

    said = await short_json(short(JobState.DONE, result=RESULT, finished_ms=1_000), no_link, now_ms=2_000)
    assert (said["download_url"], said["expired"], said["status"]) == (None, False, "completed")
