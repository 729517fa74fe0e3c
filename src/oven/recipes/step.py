"""What every step is: plain data with one effect."""

from dataclasses import dataclass
from typing import NamedTuple


class Target(NamedTuple):
    """Where an object is put."""

    bucket: str
    key: str


class Link(NamedTuple):
    """A source under the name that a command line gives it; `time_ns` becomes its file time."""

    source: str
    file: str
    time_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tee:
    """A store that a file is sent to while it arrives; seen there by nobody before it is published."""

    target: Target
    is_public: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseStep:
    """One effect, which may be repeated.

    A reference such as "extract/000012.png" is a file that the step named before the slash has made.
    A failed optional step ends no job; its error becomes its result.
    `resident_bytes` is what its children are expected to hold at most, which is waited for before it begins;
    0 where that is little, or where the step learns it by itself.
    """

    name: str
    phase: str
    optional: bool = False
    resident_bytes: int = 0

    @property
    def sources(self) -> tuple[str, ...]:
        """The references that the step reads."""
        return ()
