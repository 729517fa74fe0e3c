"""What a recipe is made of: steps, which are plain data, and two pure functions over them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from oven.domain.errors import OvenError
from oven.domain.job import JobState

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


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseStep:
    """One effect, which may be repeated.

    A reference such as "extract/000012.png" is a file that the step named before the slash has made.
    A failed optional step ends no job; its error becomes its result.
    """

    name: str
    phase: str
    optional: bool = False

    @property
    def sources(self) -> tuple[str, ...]:
        """The references that the step reads."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeLocal(BaseStep):
    """Take a file of this machine as a source → {"sha256", "sizeBytes"}."""

    path: str
    file: str
    max_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch(BaseStep):
    """Fetch a source from a URL that a stranger gave → {"sha256", "sizeBytes"}."""

    url: str
    file: str
    max_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListArchive(BaseStep):
    """Read a ZIP's directory → {"entries": [name, …]}, folders left out."""

    archive: str
    max_entries: int
    max_unpacked_bytes: int

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.archive,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract(BaseStep):
    """Unpack entries under names of our own, given as (entry, file) → {"sizeBytes"}."""

    archive: str
    entries: tuple[tuple[str, str], ...]
    max_unpacked_bytes: int

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.archive,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadJson(BaseStep):
    """Parse a small JSON file of at most `max_values` values → {"value"}.

    `label` is how to name it, `code` what a broken one is.
    """

    source: str
    label: str
    code: str
    max_values: int

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source,)


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectFrames(BaseStep):
    """Prove every frame, given as (reference, name, file) → {"size": [width, height], "transparent"}.

    Each is decoded to its last pixel and then stands under `file`, as a plain PNG without extras.
    Frames of more than `max_pixels` or of different sizes are refused, and rewritten ones of more than
    `max_bytes` in all.
    """

    frames: tuple[tuple[str, str, str], ...]
    max_pixels: int
    max_bytes: int

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(reference for reference, _, _ in self.frames)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe(BaseStep):
    """Ask ffprobe → its JSON, with an MP4's top-level boxes; `broken` is the code of an unreadable file.

    Where `sound_s` is given, only the first stream of sound is looked at, and so many seconds of it are
    decoded.
    """

    source: str
    label: str
    demuxer: str
    broken: str
    sound_s: float | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source,)


class Link(NamedTuple):
    """A source under the name that a command line gives it; `time_ns` becomes its file time."""

    source: str
    file: str
    time_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Encode(BaseStep):
    """Run ffmpeg over linked sources → {"sizeBytes", "seconds"}; `frames` is what 100 % means."""

    links: tuple[Link, ...]
    arguments: tuple[str, ...]
    output: str
    frames: int
    timeout_s: float
    stall_s: float
    memory_bytes: int
    threads: int

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(link.source for link in self.links)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail(BaseStep):
    """Fit one picture into a box, contained, over black, as JPEG → {"sizeBytes"}."""

    source: str
    output: str
    width: int
    height: int
    quality: int

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source,)


class Target(NamedTuple):
    """Where an object is put."""

    bucket: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish(BaseStep):
    """Put a finished file into a store, whole → {"bucket", "key", "url", "sizeBytes", "sha256", …}."""

    source: str
    artifact: str
    target: Target
    content_type: str
    is_public: bool
    cache_control: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source,)


Step = (
    TakeLocal
    | Fetch
    | ListArchive
    | Extract
    | ReadJson
    | InspectFrames
    | Probe
    | Encode
    | Thumbnail
    | Publish
)


class Phase(NamedTuple):
    """A named share of a job's work; weights are relative."""

    name: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One published object."""

    name: str
    target: Target
    content_type: str
    is_public: bool
    size_bytes: int
    # Empty until it is known.
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a job ended: its final state, its result or its error, and what it left in the store.

    `callback` is the body of the message that tells it, in JSON, without the job's id; none where the
    kind of job tells nothing.
    """

    state: JobState
    result: Mapping[str, Any] | None = None
    error: OvenError | None = None
    artifacts: tuple[Artifact, ...] = ()
    callback: Mapping[str, Any] | None = None


R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe(Generic[R]):
    """One kind of job.

    `read` turns a job's JSON into the recipe's request.
    `next_steps(request, results, limits)` gives the steps that may run now, side by side; steps that it
    has given before may be among them; none that is new, and none running, means that all is done.
    `finish(request, results or error, limits)` says how the job ended.
    Both are pure; either may raise an OvenError, which fails the job.
    `phases` weigh the progress.
    """

    kind: str
    phases: tuple[Phase, ...]
    read: Callable[[Mapping[str, Any]], R]
    next_steps: Callable[[R, Results, Limits], tuple[Step, ...]]
    finish: Callable[[R, Results | OvenError, Limits], Outcome]
