"""What is asked of an export: an asset, and what is to become of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from oven.media.operations import Operation
from oven.recipes.steps import Target


class MarkSource(NamedTuple):
    """Where the picture of a watermark is: at a `url` of a stranger's host, or else an object of an asset."""

    url: str = ""
    target: Target | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """Which asset to work on, and what to make of it.

    Args:
        asset_id: the source.
        source: its object.
        operations: as they were asked for.
        marks: where the picture of each watermark is, in the order of those operations.
        folder: where results go: the bucket, and what their keys begin with.
        name: of the film, without an ending.
        duration_s: how long the result is expected to be, as it was known at the submission.
        echo: what the caller knows the job by, in posts of its progress.

    """

    asset_id: str
    source: Target
    operations: tuple[Operation, ...]
    marks: tuple[MarkSource, ...]
    folder: Target
    name: str
    duration_s: float
    echo: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Write the request as a job keeps it."""
        request: dict[str, Any] = REQUESTS.dump_python(self, mode="json")
        return request


REQUESTS = TypeAdapter(ExportRequest)
