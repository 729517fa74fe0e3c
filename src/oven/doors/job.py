"""A job as the API tells it."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from oven.domain.instants import iso
from oven.domain.job import JobRecord
from oven.doors.timeline import CallbackJson, callback_json
from oven.pipeline.instants import Instant
from oven.pipeline.messages import Message
from oven.pipeline.standing import Standing, standing

# Stands in the names of local stores, and in no bucket's.
LOCAL_MARK = ":"


class JobErrorJson(TypedDict):
    """Why a job failed."""

    code: str
    message: str
    retryable: bool
    stage: Annotated[str, Field(description="The phase in which it happened.")]
    attempt: int


class JobFacts(TypedDict):
    """What there is to say of a job beside how it stands."""

    id: str
    kind: str
    owner: str | None
    bucket: Annotated[str | None, Field(description="Null where results are kept on this machine.")]
    output: Annotated[str | None, Field(description="The key of what it makes.")]
    createdAt: Instant
    startedAt: Instant | None
    finishedAt: Instant | None
    result: Annotated[
        Mapping[str, Any] | None,
        Field(description="What was made, how true it is, and what took how long (`steps`)."),
    ]
    error: JobErrorJson | None


class JobEventJson(JobFacts, Standing):
    """A job of any kind, as events tell it: without its callback."""


class JobJson(JobEventJson):
    """A job of any kind."""

    callback: Annotated[
        CallbackJson | None, Field(description="Where that of its latest run stands; null before its end.")
    ]


def job_json(record: JobRecord, message: Message | None) -> JobJson:
    """Give a job, and where its latest callback stands, if there is one."""
    return {**event_json(record), "callback": None if message is None else callback_json(message)}


def event_json(record: JobRecord) -> JobEventJson:
    """Give a job without what is nobody's business.

    That is: URLs, their queries, secrets.
    """
    bucket, _, key = record.output_key.partition("/")
    return {
        "id": record.id,
        "kind": record.kind,
        "owner": record.owner or None,
        "bucket": None if LOCAL_MARK in bucket else bucket or None,
        "output": key or None,
        **standing(record),
        "createdAt": iso(record.created_ms),
        "startedAt": iso(record.started_ms),
        "finishedAt": iso(record.finished_ms),
        "result": record.result,
        "error": error_json(record),
    }


def error_json(record: JobRecord) -> JobErrorJson | None:
    """Say why a job failed, if it did."""
    if record.error is None:
        return None
    return {
        "code": record.error["code"],
        "message": record.error["message"],
        "retryable": record.error["retryable"],
        "stage": record.error["stage"],
        "attempt": record.attempt,
    }
