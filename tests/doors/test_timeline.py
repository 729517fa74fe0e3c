"""All that happened to a job."""

from oven.doors.timeline import callback_json, timeline_json
from oven.pipeline.attempts import AttemptEnd, AttemptRecord
from oven.pipeline.messages import Delivery, Message, MessageState
from oven.pipeline.service import Timeline
from tests.doors.test_jobs import RECORD

MESSAGE = Message(
    id="msg_j_final_1",
    job_id="j",
    run=1,
    url="https://example.com/done?token=secret",
    body=b'{"secret":""}',
    sealed_secret="secret",
    is_bearer=False,
    state=MessageState.PENDING,
    tries=1,
    next_ms=5_000,
)


def test_attempts_and_tries() -> None:
    """With their steps and logs; nothing of the callback's address, secret or body."""
    steps = [
        {"name": "take", "phase": "fetch", "beganMs": 1_000, "endedMs": 1_250, "outcome": "done"},
        {"name": "encode", "phase": "encode", "beganMs": 1_250, "endedMs": None, "outcome": ""},
    ]
    attempt = AttemptRecord(
        token="secret",
        job_id="j",
        run=1,
        attempt=1,
        began_ms=1_000,
        ended_ms=2_000,
        ended_as=AttemptEnd.CRASHED,
        error=None,
        steps=steps,
        log="ffmpeg 5.1\n",
    )
    delivery = Delivery(message_id=MESSAGE.id, at_ms=3_000, status=500, error="", took_ms=120)
    other = Delivery(message_id="other", at_ms=3_000, status=None, error="", took_ms=1)
    said = timeline_json(
        Timeline(record=RECORD, attempts=[attempt], messages=[MESSAGE], deliveries=[delivery, other])
    )
    assert "secret" not in str(said)
    (shown,) = said["attempts"]
    assert (shown["startedAt"][-6:], shown["endedAs"], shown["log"]) == ("1.000Z", "crashed", "ffmpeg 5.1\n")
    assert [(step["seconds"], step["outcome"]) for step in shown["steps"]] == [(0.25, "done"), (None, None)]
    (callback,) = said["callbacks"]
    assert callback["deliveries"] == [
        {"at": "1970-01-01T00:00:03.000Z", "status": 500, "error": None, "seconds": 0.12}
    ]


def test_where_a_callback_stands() -> None:
    """The next try is told while there will be one."""
    assert callback_json(MESSAGE) == {"state": "pending", "tries": 1, "nextTryAt": "1970-01-01T00:00:05.000Z"}
