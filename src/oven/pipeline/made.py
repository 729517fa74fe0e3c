"""What the pipeline asks of the table of jobs about what was made before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from oven.pipeline.storage import StoredObject
from oven.recipes.steps import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeJob:
    """A job that ended well, and what it has published, by name."""

    id: str
    result: Mapping[str, Any]
    objects: Mapping[str, tuple[Target, StoredObject]]


class Made(Protocol):
    """The jobs of a table whose results may be reused."""

    @property
    def release(self) -> str:
        """What tells this code from any other that makes the same, perhaps otherwise."""
        ...

    async def latest(self, kind: str, fingerprint: str, *, limit: int) -> list[MadeJob]:
        """List jobs that ended well, the newest first, of one kind and one fingerprint.

        Raises:
            TransientError: STORE_UNAVAILABLE.

        """
        ...
