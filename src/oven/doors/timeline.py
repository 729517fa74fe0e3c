"""All that happened to a job, as JSON for whoever runs this Oven."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from oven.domain.instants import iso
from oven.pipeline.attempts import AttemptEnd, AttemptRecord
from oven.pipeline.instants import Instant
from oven.pipeline.messages import Delivery, Message, MessageState
from oven.pipeline.service import Timeline


class CallbackJson(TypedDict):
    """Where a callback stands."""

    state: MessageState
    tries: Annotated[int, Field(description="Since it was last told to be sent.")]
    nextTryAt: Instant | None


class DeliveryJson(TypedDict):
    """One try to deliver a callback."""

    at: Instant
    status: Annotated[int | None, Field(description="Of the receiver's answer, where there was one.")]
    error: Annotated[str | None, Field(description="Why there was no answer.")]
    seconds: float


class SentCallbackJson(CallbackJson):
    """The callback of one run, with every try."""

    id: Annotated[str, Field(description="Its webhook-id, the same however often it is sent.")]
    run: int
    deliveries: list[DeliveryJson]


class StepJson(TypedDict):
    """One step of an attempt."""

    name: str
    phase: str
    startedAt: Instant
    seconds: Annotated[float | None, Field(description="Null while it runs.")]
    outcome: Annotated[str | None, Field(description="`done`, `reused`, or an error's code.")]


class AttemptJson(TypedDict):
    """One attempt, with its steps."""

    run: int
    attempt: int
    startedAt: Instant
    endedAt: Instant | None
    endedAs: Annotated[AttemptEnd | None, Field(description="Null while it runs.")]
    error: Annotated[
        Mapping[str, Any] | None, Field(description="`code`, `message`, `hint`, `retryable`, `stage`.")
    ]
    steps: list[StepJson]
    log: Annotated[str, Field(description="How ffmpeg was called, and the end of what it said.")]


class TimelineJson(TypedDict):
    """All that happened to a job."""

    jobId: str
    acceptedAt: Instant
    attempts: Annotated[list[AttemptJson], Field(description="Oldest first.")]
    callbacks: list[SentCallbackJson]


def timeline_json(timeline: Timeline) -> TimelineJson:
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


def callback_json(message: Message) -> CallbackJson:
    """Tell where a callback stands; `tries` counts those since it was last told to be sent."""
    is_pending = message.state is MessageState.PENDING
    return {
        "state": message.state,
        "tries": message.tries,
        "nextTryAt": iso(message.next_ms) if is_pending else None,
    }


def _attempt(attempt: AttemptRecord) -> AttemptJson:
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


def _try(delivery: Delivery) -> DeliveryJson:
    return {
        "at": iso(delivery.at_ms),
        "status": delivery.status,
        "error": delivery.error or None,
        "seconds": delivery.took_ms / 1000,
    }
