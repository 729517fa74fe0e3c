"""An export as the API tells it."""

from dataclasses import replace
from typing import Any

import pytest

from oven.domain.job import JobRecord, JobState, Outlook
from oven.doors.export import export_json
from tests.doors.test_jobs import RECORD

REQUEST: dict[str, Any] = {
    "asset_id": "a",
    "operations": [{"type": "thumbnail"}, {"type": "transcode"}, {"type": "convert"}],
    "duration_s": 300.0,
}


def export(state: JobState, **members: Any) -> JobRecord:
    return replace(
        RECORD,
        **{
            "kind": "export",
            "state": state,
            "request": REQUEST,
            "error": None,
            "progress": 0.0,
            "phase": "",
            **members,
        },
    )


@pytest.mark.parametrize(
    ("state", "status", "told"),
    [
        (JobState.QUEUED, "queued", "waiting"),
        (JobState.RUNNING, "processing", "active"),
        (JobState.RETRYING, "queued", "delayed"),
        (JobState.DONE, "completed", "completed"),
        (JobState.FAILED, "failed", "failed"),
        (JobState.CANCELLED, "cancelled", "failed"),
    ],
)
def test_states(state: JobState, status: str, told: str) -> None:
    """Of the job, in the words of the video service."""
    said = export_json(export(state))
    assert (said["status"], said["jobStatus"]["state"]) == (status, told)
    assert said["videoId"] == "a"


@pytest.mark.parametrize(
    ("phase", "progress", "operation", "percent", "timemark"),
    [
        ("", 0.0, None, 0, "00:00:00"),
        ("fetch", 0.1, "download", 10, "00:00:00"),
        ("inspect", 0.16, "inspect", 16, "00:00:00"),
        # The encode is what lies between 18 and 83 %.
        ("encode", 0.18 + 0.65 * 0.45, "transcode", 47, "00:02:15"),
        ("verify", 0.85, "verify", 85, "00:05:00"),
        ("publish", 0.999, "upload", 99, "00:05:00"),
    ],
)
def test_progress(phase: str, progress: float, operation: str | None, percent: int, timemark: str) -> None:
    """What it works at, and how much of the result is encoded."""
    outlook = Outlook(speed=1.5, eta_s=9)
    said = export_json(export(JobState.RUNNING, phase=phase, progress=progress, outlook=outlook))["jobStatus"]
    assert said["progress"] == percent
    assert said["detailedProgress"] == {
        "percent": percent,
        "currentOperation": operation,
        "timemark": timemark,
        "speed": 1.5,
        "etaS": 9,
    }


def test_pictures_alone() -> None:
    """Are what is worked at where nothing else is."""
    request = REQUEST | {"operations": [{"type": "thumbnail"}]}
    running = export(JobState.RUNNING, phase="encode", progress=0.5, request=request)
    assert export_json(running)["jobStatus"]["detailedProgress"]["currentOperation"] == "thumbnail"


def test_an_end() -> None:
    """Is 100 %, or why not; nothing is worked at any more."""
    done = export_json(export(JobState.DONE, progress=0.99, phase="publish", result={"video": None}))
    assert done["jobStatus"]["progress"] == 100
    assert done["jobStatus"]["detailedProgress"]["currentOperation"] is None
    assert done["jobStatus"]["detailedProgress"]["timemark"] == "00:05:00"
    assert (done["result"], done["error"]) == ({"video": None}, None)
    failed = export_json(export(JobState.FAILED, progress=0.5, phase="encode", error=RECORD.error))
    assert failed["error"] is not None
    assert failed["error"]["code"] == "ENCODE_STALLED"
    assert failed["jobStatus"]["progress"] == 50
