"""One bad input, with what must be said of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from oven.domain.errors import Code
from tests.zips import STORED, archive, entries_of


@dataclass(frozen=True, slots=True, kw_only=True)
class BadTape:
    """An archive that is accepted as a job, which then fails for good."""

    name: str
    code: Code
    data: bytes = field(repr=False)
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRequest:
    """A request that is refused at once."""

    name: str
    code: Code
    status: int
    method: str = "POST"
    path: str = "/bake"
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadSource:
    """A URL that is accepted, and whose host then does not give a tape.

    `path` is one of the hostile host's, or `url` leads elsewhere.  Where the reason may pass, the job
    waits for its next try.
    """

    name: str
    code: Code
    path: str = ""
    url: str = ""
    is_retried: bool = False


def bad_tape(name: str, code: Code, files: Mapping[str, bytes], says: str = "") -> BadTape:
    """Give a tape whose archive is right, and whose files are not."""
    return BadTape(name=name, code=code, data=archive(entries_of(files, method=STORED)), says=says)
