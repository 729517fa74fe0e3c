"""What is asked of an import, or of what was uploaded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from oven.domain.asset import AssetType
from oven.recipes.steps import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestRequest:
    """Which asset to bring, and from where: a `url`, or else the object that stands at `target` already.

    `thumbnails` is where pictures of it go, as the beginning of their keys; `times_s` are the moments of a
    video that pictures are taken of, beside its first.
    """

    asset_id: str
    type: AssetType
    target: Target
    thumbnails: str
    url: str = ""
    times_s: tuple[float, ...] = ()
    # What the caller knows the job by, in posts of its progress.
    echo: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Write the request as a job keeps it."""
        request: dict[str, Any] = REQUESTS.dump_python(self, mode="json")
        return request

    @property
    def label(self) -> str:
        return f"the {self.type}"


REQUESTS = TypeAdapter(IngestRequest)
