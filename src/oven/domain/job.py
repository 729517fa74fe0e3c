"""A job: one request for finished media, and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from oven.domain.asset import NewAsset


class JobState(StrEnum):
    """Where a job stands; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    RETRYING = "retrying"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in FINAL


class Lane(StrEnum):
    """What a job mostly needs: each lane has slots of its own, so what waits holds up nothing that works.

    ENCODE needs processors; EXPORT does for up to an hour, SHORT for half a minute; IMPORT waits for the
    network; IMAGE, too, and somebody waits for the answer.
    """

    ENCODE = "encode"
    EXPORT = "export"
    SHORT = "short"
    IMPORT = "import"
    IMAGE = "image"


FINAL = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})
ACTIVE = frozenset(JobState) - FINAL
WAITING = ACTIVE - {JobState.RUNNING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What an attempt has to know: which recipe, with what request.

    `request` is JSON, as the recipe's own request type writes itself.
    """

    id: str
    kind: str
    request: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """Where the end of a job is told; `sealed_secret` can be opened by Oven alone, and may be empty.

    So can the query of `url`.  `is_bearer` where it is the operator's own token that it goes with, which is
    not stored.
    """

    url: str
    sealed_secret: str = ""
    is_bearer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A job as it is accepted.

    `identity` is equal for requests that ask for the same thing; of these one at a time is active.
    `output_key` names what the job writes; jobs with one key run one after the other.
    `key` is the caller's own for this request (Idempotency-Key): for a day it gives this job.
    `per_day` is how many of its kind its owner may begin in a day (UTC); None: neither bounded nor counted.
    """

    id: str
    kind: str
    owner: str
    identity: str
    output_key: str
    request: Mapping[str, Any]
    callback: Callback | None = None
    key: str = ""
    # Where progress is posted, its query sealed; empty where nobody asked for it.
    progress_url: str = ""
    # What the job brings, announced together with it.
    asset: NewAsset | None = None
    per_day: int | None = None


class Outlook(NamedTuple):
    """What is to come of a job, and is stored nowhere; all None once it has ended.

    `position` is its place among those that wait in its lane, 1 the next to be claimed; `speed` how many
    seconds of media are encoded in a second; `eta_s` the seconds until it ends, at least 1.
    """

    position: int | None = None
    speed: float | None = None
    eta_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """A job as it is stored; instants are milliseconds since 1970, UTC.

    `attempt` counts claims in this `run`, `crashes` those that ended with the death of who had made them.
    `token` is the current attempt's, empty where there is none; `seq` grows with every change of any job.
    `accepted` is the order in which jobs were accepted.  `outlook` is empty as a store gives it.
    """

    id: str
    kind: str
    owner: str
    state: JobState
    run: int
    attempt: int
    crashes: int
    token: str
    seq: int
    output_key: str
    request: Mapping[str, Any]
    callback: Callback | None
    progress: float
    phase: str
    created_ms: int
    available_ms: int
    started_ms: int | None
    finished_ms: int | None
    result: Mapping[str, Any] | None
    error: Mapping[str, Any] | None
    accepted: int = 0
    progress_url: str = ""
    outlook: Outlook = field(default_factory=Outlook)

    @property
    def news(self) -> tuple[int, float, str, int | None]:
        """What of it is worth telling; what changes with the time alone is not."""
        return self.seq, self.progress, self.phase, self.outlook.position

    @property
    def job(self) -> Job:
        return Job(id=self.id, kind=self.kind, request=self.request)


class Acceptance(StrEnum):
    """What a submission led to: a new job, the active one that asks for the same, or that of its key."""

    NEW = "new"
    REPEAT = "repeat"
    REPLAY = "replay"


class Accepted(NamedTuple):
    """A job that was accepted, and how."""

    record: JobRecord
    how: Acceptance
