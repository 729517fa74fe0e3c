"""What was seen, fact by fact."""

import time
import traceback
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
    """Tells each fact as it is seen; what is not so is told, too, and does not keep from seeing the rest."""

    facts: list[Fact] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @contextmanager
    def fact(self, claim: str) -> Iterator[Fact]:
        """See whether something is so: it is where nothing is raised."""
        began, seen = time.monotonic(), Fact(claim)
        try:
            yield seen
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            self.wrong.append(claim)
            self._tell(f"WRONG {claim}\n{traceback.format_exc(limit=-4)}{error!r}")
            return
        seen.took_s = time.monotonic() - began
        self.facts.append(seen)
        self._tell(f"ok {seen.took_s:6.1f} s  {claim}{': ' if seen.note else ''}{seen.note}")

    @staticmethod
    def _tell(text: str) -> None:
        print(text, flush=True)  # noqa: T201 - it is read while it goes on
