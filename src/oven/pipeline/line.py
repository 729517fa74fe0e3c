"""The jobs that wait, in the order in which they were accepted."""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from oven.domain.job import WAITING, JobRecord


@dataclass(slots=True)
class Line:
    """Knows each place without asking the store; as far as it was told of changes."""

    _order: list[int] = field(default_factory=list)
    _places: dict[str, tuple[int, str]] = field(default_factory=dict)
    _kinds: Counter[str] = field(default_factory=Counter)

    @property
    def kinds(self) -> Mapping[str, int]:
        """How many wait, by kind."""
        return self._kinds

    def note(self, record: JobRecord) -> None:
        """Take a job in, move it, or let it go, as its state says."""
        self._leave(record.id)
        if record.state in WAITING:
            insort(self._order, record.accepted)
            self._places[record.id] = (record.accepted, record.kind)
            self._kinds[record.kind] += 1

    def position(self, accepted: int) -> int:
        """Give the place of a job that waits, 1 being the next."""
        return bisect_left(self._order, accepted) + 1

    def _leave(self, job_id: str) -> None:
        accepted, kind = self._places.pop(job_id, (0, ""))
        if accepted:
            self._order.pop(bisect_left(self._order, accepted))
            self._kinds[kind] -= 1
            # What is not there needs no time to be learned.
            self._kinds += Counter()
