"""The functions of a job queue (RQ), for callers who had one: each asks an Oven, and waits for nothing."""

import os
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Literal, TypedDict
from uuid import UUID, uuid4

from oven.client.answers import Job, JobState
from oven.client.errors import OvenError
from oven.client.imports import Import
from oven.client.oven import DEFAULT_URL, Oven

URL_NAME, TOKEN_NAME = "OVEN_URL", "OVEN_TOKEN"

Name = str | UUID | None
Status = Literal["queued", "started", "finished", "failed", "canceled", "not_found"]
STATUS: Mapping[JobState, Status] = {
    "queued": "queued",
    "retrying": "queued",
    "running": "started",
    "done": "finished",
    "failed": "failed",
    "cancelled": "canceled",
}


class JobStatus(TypedDict):
    """Where a job stands; `progress` from 0 to 1, `error` in words."""

    status: Status
    result: dict[str, Any] | None
    error: str | None
    progress: float | None


def enqueue_video_import(
    url: str,
    name: str,
    user_id: Name,
    asset_id: Name,
    metadata: Mapping[str, Any] | None = None,
    *,
    client: Oven | None = None,
) -> str:
    """Have a video imported → its job's id.

    Args:
        url: where it is.
        name: the asset's.
        user_id: whose it will be; a user's own key may leave it out (None).
        asset_id: the caller's choice, None for a new one; one that failed is imported anew.
        metadata: kept with the asset.
        client: whom to ask; else the Oven at OVEN_URL, with OVEN_TOKEN.

    Raises:
        OvenError: it was not accepted.

    """
    one = Import(
        url=url, type="video", name=name, user_id=user_id, asset_id=asset_id or uuid4(), metadata=metadata
    )
    return _enqueue(one, client)


def enqueue_image_import(
    url: str,
    name: str,
    user_id: Name,
    asset_id: Name,
    metadata: Mapping[str, Any] | None = None,
    *,
    client: Oven | None = None,
) -> str:
    """Have a picture imported, as `enqueue_video_import` does."""
    one = Import(
        url=url, type="image", name=name, user_id=user_id, asset_id=asset_id or uuid4(), metadata=metadata
    )
    return _enqueue(one, client)


def get_job_status(job_id: str, *, client: Oven | None = None) -> JobStatus:
    """Tell where a job stands; one that is not there, or is another's, is not_found.

    Raises:
        OvenError: it could not be asked.

    """
    try:
        job = (client or from_environment()).status(job_id)
    except OvenError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return {"status": "not_found", "result": None, "error": None, "progress": None}
    return _told(job)


def cancel_job(job_id: str, *, client: Oven | None = None) -> bool:
    """End a job now → whether that was possible: not where it has ended, or is not there.

    Raises:
        OvenError: it could not be asked.

    """
    try:
        (client or from_environment()).cancel(job_id)
    except OvenError as error:
        if error.status not in {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}:
            raise
        return False
    return True


def from_environment(environment: Mapping[str, str] = os.environ) -> Oven:
    """Give the Oven at OVEN_URL, asked with OVEN_TOKEN; without them the one on this machine.

    Raises:
        ValueError: OVEN_URL is no address.

    """
    return Oven(environment.get(URL_NAME, "").strip() or DEFAULT_URL, environment.get(TOKEN_NAME, "").strip())


def _enqueue(one: Import, client: Oven | None) -> str:
    # A batch is not waited for, whatever is in it; as its import has an id, it is repeatable.
    (asset,) = (client or from_environment()).import_batch([one])
    return str(asset["metadata"]["import_job_id"])


def _told(job: Job) -> JobStatus:
    error = job["error"]
    return {
        "status": STATUS[job["state"]],
        "result": job["result"],
        "error": None if error is None else f"{error['message']} [{error['code']}]",
        "progress": job["progress"],
    }
