"""What was seen, fact by fact."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Fact:
    """Something that was seen to be so, in how many seconds; `note` says what else there is to say."""

    claim: str
    took_s: float = 0.0
    note: str = ""


@dataclass(slots=True)
class Report:
    """Tells each fact as it is seen."""

    facts: list[Fact] = field(default_factory=list)

    @contextmanager
    def fact(self, claim: str) -> Iterator[Fact]:
        """See whether something is so: it is where nothing is raised."""
        began, seen = time.monotonic(), Fact(claim)
        try:
            yield seen
        except BaseException:
            print(f"WRONG {claim}", flush=True)  # noqa: T201 - it is read while it goes on
            raise
        seen.took_s = time.monotonic() - began
        self.facts.append(seen)
        note = f": {seen.note}" if seen.note else ""
        print(f"ok {seen.took_s:6.1f} s  {claim}{note}", flush=True)  # noqa: T201 - as above
