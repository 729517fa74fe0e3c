"""What runs, and what may run beside it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio

from oven.domain.job import JobRecord, Lane
from oven.pipeline.progress import Live
from oven.pipeline.trace import Trace
from oven.recipes.plan import Recipe


@dataclass(slots=True, kw_only=True)
class Running:
    """An attempt under way; `is_lost` once somebody else has the job, or nobody may have it."""

    record: JobRecord
    scope: anyio.CancelScope
    began_ms: int
    trace: Trace
    live: Live = field(default_factory=Live)
    is_lost: bool = False


def free_kinds(
    book: Mapping[str, Recipe[Any]], slots: Mapping[Lane, int], running: Iterable[str]
) -> list[str]:
    """Name the kinds of job that have a slot free in their lanes, given the kinds of those that run."""
    taken = Counter(book[kind].lane for kind in running)
    return [kind for kind, recipe in book.items() if taken[recipe.lane] < slots[recipe.lane]]
