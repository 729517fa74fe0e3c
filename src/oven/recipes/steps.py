"""The steps that jobs are made of: those about files here, those about media with `media_steps`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oven.recipes.media_steps import (
    Decode,
    Encode,
    FindKeyFrame,
    InspectFrames,
    Measure,
    PlainPicture,
    Probe,
    ProbePicture,
    ProbeSource,
    Stills,
    Thumbnail,
)
from oven.recipes.step import BaseStep, Link, Target, Tee

__all__ = [
    "BaseStep",
    "Copy",
    "Decode",
    "Encode",
    "Extract",
    "Fetch",
    "FetchObject",
    "FindKeyFrame",
    "FindMade",
    "InspectFrames",
    "Link",
    "ListArchive",
    "Measure",
    "PlainPicture",
    "Probe",
    "ProbePicture",
    "ProbeSource",
    "Publish",
    "ReadJson",
    "Step",
    "Stills",
    "TakeLocal",
    "Target",
    "Tee",
    "Thumbnail",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeLocal(BaseStep):
    """Take a file of this machine as a source → {"sha256", "sizeBytes"}."""

    path: str
    file: str
    max_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch(BaseStep):
    """Fetch a source from a URL that a stranger gave → {"sha256", "sizeBytes"}.

    `label` is how to name it, such as "the tape"; without a `timeout_s` the operator's holds.
    Where it `may_be_private`, it may stand in the operator's own bucket, and is read with that one's key.
    With a `tee` the file is sent to a store while it arrives; a `Publish` of it, to the same target, lets it
    appear.
    """

    url: str
    file: str
    max_bytes: int
    label: str = "the tape"
    timeout_s: float | None = None
    may_be_private: bool = False
    tee: Tee | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchObject(BaseStep):
    """Fetch a source from a store, where a user has put it → {"sha256", "sizeBytes"}.

    `source` is an object, and no file of another step.
    """

    source: Target
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FindMade(BaseStep):
    """Look for what an earlier job has made, if that may be reused → {"fingerprint", "found"}.

    `decisive` is all that decides about it, but for code and tools; `targets` are where its objects would go,
    by their names.  "fingerprint" is what later jobs find this one by, empty where nobody looks.
    "found" is null, or {"jobId", "result", "objects": {name: {"bucket", "key", "version", …}}}.
    """

    kind: str
    decisive: Mapping[str, Any]
    targets: tuple[tuple[str, Target], ...]
    may_reuse: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy(BaseStep):
    """Let an object that a store has appear under another key of it, whole → as `Publish` gives.

    It must still be that version of it.  Where both are one object, that is all that is asked.
    """

    source: Target
    version: str
    size_bytes: int
    sha256: str
    artifact: str
    target: Target
    content_type: str
    is_public: bool
    cache_control: str = ""


Step = (
    TakeLocal
    | Fetch
    | FetchObject
    | ListArchive
    | Extract
    | ReadJson
    | InspectFrames
    | Probe
    | ProbeSource
    | ProbePicture
    | Stills
    | PlainPicture
    | FindKeyFrame
    | Decode
    | Measure
    | Encode
    | Thumbnail
    | Publish
    | FindMade
    | Copy
)
