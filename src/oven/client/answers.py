"""What Oven answers, member for member as it is sent; a newer Oven may send more."""

from typing import Any, Literal, TypedDict

AssetType = Literal["video", "audio", "image"]
AssetStatus = Literal["PENDING_UPLOAD", "UPLOADING", "READY", "FAILED"]
JobState = Literal["queued", "running", "retrying", "done", "failed", "cancelled"]
ENDED: frozenset[JobState] = frozenset({"done", "failed", "cancelled"})


class WrongField(TypedDict):
    """One thing that is wrong with a request; `pointer` is a JSON pointer to it."""

    pointer: str
    message: str


class AssetError(TypedDict):
    """Why an asset never came; `stage` is the phase of its job in which that was found."""

    code: str
    message: str
    hint: str
    retryable: bool
    stage: str


class Asset(TypedDict):
    """A video, a sound or a picture that is kept.

    `size` is in bytes, `checksum` SHA-256 in hex; instants are RFC 3339.
    `url` and `thumbnail_url` open it for an hour; before it is READY `url` and
    `checksum` are empty, `size` is 0.
    `metadata` is the caller's, with what was found (`duration` in seconds, `width`, `height` …) over it, and
    `import_job_id`, the job that brings it.
    """

    id: str
    name: str
    type: AssetType
    url: str
    thumbnail_url: str | None
    size: int
    created_at: str
    updated_at: str
    status: AssetStatus
    checksum: str
    user_id: str | None
    folder_id: str | None
    tags: list[str]
    error: AssetError | None
    metadata: dict[str, Any]


class JobError(TypedDict):
    """Why a job failed; `stage` is the phase in which it did."""

    code: str
    message: str
    retryable: bool
    stage: str
    attempt: int


class JobCallback(TypedDict):
    """Where the callback of a job's latest run stands."""

    state: str
    tries: int
    nextTryAt: str | None


class Job(TypedDict):
    """A job of any kind; `progress` from 0 to 1, `etaS` in seconds, instants RFC 3339."""

    id: str
    kind: str
    owner: str | None
    bucket: str | None
    output: str | None
    state: JobState
    run: int
    attempt: int
    seq: int
    progress: float
    phase: str | None
    position: int | None
    speed: float | None
    etaS: int | None
    createdAt: str
    startedAt: str | None
    finishedAt: str | None
    result: dict[str, Any] | None
    error: JobError | None
    callback: JobCallback | None
