"""All that happened to a job, as JSON for whoever runs this Oven."""

from collections.abc import Mapping
from typing import Any

from oven.doors.instants import iso
from oven.pipeline.service import Timeline
from oven.pipeline.stores import AttemptRecord, Delivery, Message, MessageState


def timeline_json(timeline: Timeline) -> Mapping[str, Any]:
    """Give a job's attempts with their steps and logs, and its callbacks with every try.

    Instants are RFC 3339, durations seconds; without the addresses of callbacks, which may be secret.
    """
    return {
        "jobId": timeline.record.id,
        "acceptedAt": iso(timeline.record.created_ms),
        "attempts": [_attempt(attempt) for attempt in timeline.attempts],
        "callbacks": [
            {
                "id": message.id,
                "run": message.run,
                **callback_json(message),
                "deliveries": [
                    _try(delivery) for delivery in timeline.deliveries if delivery.message_id == message.id
                ],
            }
            for message in timeline.messages
        ],
    }


def callback_json(message: Message) -> Mapping[str, Any]:
    """Tell where a callback stands; `tries` counts those since it was last told to be sent."""
    is_pending = message.state is MessageState.PENDING
    return {
        "state": message.state,
        "tries": message.tries,
        "nextTryAt": iso(message.next_ms) if is_pending else None,
    }


def _attempt(attempt: AttemptRecord) -> Mapping[str, Any]:
    return {
        "run": attempt.run,
        "attempt": attempt.attempt,
        "startedAt": iso(attempt.began_ms),
        "endedAt": iso(attempt.ended_ms),
        "endedAs": attempt.ended_as,
        "error": attempt.error,
        "steps": [
            {
                "name": step["name"],
                "phase": step["phase"],
                "startedAt": iso(step["beganMs"]),
                "seconds": None if step["endedMs"] is None else (step["endedMs"] - step["beganMs"]) / 1000,
                "outcome": step["outcome"] or None,
            }
            for step in attempt.steps
        ],
        "log": attempt.log,
    }


def _try(delivery: Delivery) -> Mapping[str, Any]:
    return {
        "at": iso(delivery.at_ms),
        "status": delivery.status,
        "error": delivery.error or None,
        "seconds": delivery.took_ms / 1000,
    }
