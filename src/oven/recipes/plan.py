"""What a recipe is made of: two pure functions over steps."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from oven.domain.asset import AssetChange
from oven.domain.errors import OvenError
from oven.domain.job import JobState, Lane
from oven.recipes.steps import Step, Target

# A step's result is JSON; a failed optional step's is {"error": {code, message, …}}.
Result = Mapping[str, Any]
Results = Mapping[str, Result]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of a job; what each means is said where it is set, in the settings."""

    archive_bytes: int
    unpacked_bytes: int
    frames: int
    duration_s: float
    frame_pixels: int
    encode_s: float
    stall_s: float
    encoder_threads: int
    default_scale: int
    blob_bytes: int
    media_bytes: int
    media_s: float
    image_s: float
    image_pixels: int
    export_s: float
    short_s: float
    short_keep_s: float


class Phase(NamedTuple):
    """A named share of a job's work; weights are relative."""

    name: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One published object.

    With a `lifetime_s` it goes so many seconds after its run has ended, wherever it is, and its job stays.
    """

    name: str
    target: Target
    content_type: str
    is_public: bool
    size_bytes: int
    # Empty until they are known; the version is the store's own.
    sha256: str = ""
    version: str = ""
    lifetime_s: float | None = None


def published(name: str, result: Result, *, lifetime_s: float | None = None) -> Artifact:
    """Give the object that a `Publish` has let appear, by its result; it may have its time."""
    return Artifact(
        name=name,
        target=Target(result["bucket"], result["key"]),
        content_type=result["contentType"],
        is_public=result["isPublic"],
        size_bytes=result["sizeBytes"],
        sha256=result["sha256"],
        version=result.get("version", ""),
        lifetime_s=lifetime_s,
    )


def next_stage(stages: Iterable[tuple[Step, ...]], results: Results) -> tuple[Step, ...]:
    """Give the first stage that is not done, and ask for none after it; empty where all are."""
    return next((stage for stage in stages if any(step.name not in results for step in stage)), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a job ended: its final state, its result or its error, and what it left in the store.

    `callback` is the body of the message that tells it, in JSON, without the job's id; none where the
    kind of job tells nothing.  `asset` is what becomes of the asset that the job was for.
    By its `fingerprint` a later job that would make the same finds this one; empty where none may.
    """

    state: JobState
    result: Mapping[str, Any] | None = None
    error: OvenError | None = None
    artifacts: tuple[Artifact, ...] = ()
    callback: Mapping[str, Any] | None = None
    asset: AssetChange | None = None
    fingerprint: str = ""


R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe(Generic[R]):
    """One kind of job.

    `read` turns a job's JSON into the recipe's request.
    `next_steps(request, results, limits)` gives the steps that may run now, side by side; steps that it
    has given before may be among them; none that is new, and none running, means that all is done.
    `finish(request, results or error, limits)` says how the job ended.
    Both are pure; either may raise an OvenError, which fails the job.
    `phases` weigh the progress; the `lane` says whose slots a job takes.
    """

    kind: str
    phases: tuple[Phase, ...]
    read: Callable[[Mapping[str, Any]], R]
    next_steps: Callable[[R, Results, Limits], tuple[Step, ...]]
    finish: Callable[[R, Results | OvenError, Limits], Outcome]
    lane: Lane = Lane.ENCODE
