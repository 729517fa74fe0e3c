"""A job as the API tells it."""

from oven.doors.job import event_json, job_json
from oven.pipeline.messages import Message, MessageState
from tests.doors.test_jobs import RECORD


def test_a_job_in_json() -> None:
    """Its members, its instants in UTC, and nothing of its request or callback."""
    said = job_json(RECORD, None)
    assert "secret" not in str(said)
    assert list(said) == [
        *("id", "kind", "owner", "bucket", "output", "state", "run", "attempt", "seq", "progress", "phase"),
        *("position", "speed", "etaS", "createdAt", "startedAt", "finishedAt", "result", "error", "callback"),
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


def test_where_its_callback_stands() -> None:
    """Is told of a job that is asked for; events leave it out rather than say that there is none."""
    assert "callback" not in event_json(RECORD)
    message = Message(
        id="m",
        job_id="j",
        run=2,
        url="https://example.com/?signature=secret",
        body=b"secret",
        sealed_secret="secret",
        is_bearer=False,
        state=MessageState.DELIVERED,
        tries=1,
        next_ms=0,
    )
    said = job_json(RECORD, message)
    assert said["callback"] == {"state": "delivered", "tries": 1, "nextTryAt": None}
    assert "secret" not in str(said)
    assert set(said) - set(event_json(RECORD)) == {"callback"}
