"""The times at which a tape's frames were recorded."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from oven.domain.errors import BadInputError, Code

# What a tape without timing.json is taken to run at.
DEFAULT_RATE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The frames in the order in which they are shown, with their times.

    `pictures` are indexes into the archive's pictures; one may occur more than once.
    `starts_s` begins at 0 and never falls; `total_s` is when the last frame ends.
    `ignores_timestamps` where every frame has one, and yet they are no clock.
    """

    pictures: tuple[int, ...]
    starts_s: tuple[float, ...]
    total_s: float
    ignores_timestamps: bool = False


def constant_timing(count: int) -> Timing:
    """Time `count` frames that came without times."""
    return Timing(
        pictures=tuple(range(count)),
        starts_s=tuple(index / DEFAULT_RATE for index in range(count)),
        total_s=count / DEFAULT_RATE,
    )


def read_timing(value: object, names: Sequence[str]) -> Timing:
    """Read a parsed timing.json: an array of frames, or an object that holds it as `frames`.

    A frame is `{"filename": str, "duration": ms, "timestamp": ms}`.
    Where frames have file names, these rule: order and choice are timing.json's.
    The clock is the differences of `timestamp` when every frame has one, they never go back and do not
    all stand still; else it is the durations.  (Recorders write no duration under 10 ms, so at 120 fps
    durations run slow where timestamps tell the truth.)

    Args:
        value: the parsed JSON.
        names: the archive's frames in natural order, or all its pictures where timing.json may name any.

    Raises:
        BadInputError: TIMING_INVALID, or NO_FRAMES for an empty list.

    """
    rows = value.get("frames") if isinstance(value, Mapping) else value
    if not isinstance(rows, list):
        raise _invalid('it must be an array of frames, or an object with such an array as "frames"')
    if not rows:
        raise BadInputError(Code.NO_FRAMES, "timing.json lists no frames; a tape needs at least one")
    for index, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise _invalid(f"entry {index} is not an object")
    pictures = _pictures(rows, names)
    durations_s = [_milliseconds(row, index, "duration") for index, row in enumerate(rows)]
    stamps_s = [_milliseconds(row, index, "timestamp") for index, row in enumerate(rows)]
    by_timestamp = _starts_by_timestamp(stamps_s)
    starts_s = by_timestamp or _starts_by_duration(durations_s)
    last_s = durations_s[-1]
    if last_s is None:
        gaps = [later - earlier for earlier, later in pairwise(starts_s)]
        last_s = statistics.median(gaps) if gaps else 1 / DEFAULT_RATE
    return Timing(
        pictures=pictures,
        starts_s=starts_s,
        total_s=starts_s[-1] + last_s,
        ignores_timestamps=not by_timestamp and None not in stamps_s,
    )


def names_files(value: object) -> bool:
    """Whether a parsed timing.json says itself which files are its frames."""
    rows = value.get("frames") if isinstance(value, Mapping) else value
    return isinstance(rows, list) and any(isinstance(row, Mapping) and "filename" in row for row in rows)


def _pictures(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> tuple[int, ...]:
    named = [row.get("filename") for row in rows]
    if all(name is None for name in named):
        if len(rows) != len(names):
            raise _invalid(f"it times {len(rows)} frames, but the archive holds {len(names)}")
        return tuple(range(len(rows)))
    index_of = {name: index for index, name in enumerate(names)}
    pictures = []
    for index, name in enumerate(named):
        if not isinstance(name, str):
            raise _invalid(f'entry {index} has no file name, while others have; each needs a "filename"')
        found = index_of.get(name, index_of.get(name.rsplit("/", 1)[-1]))
        if found is None:
            raise _invalid(f"entry {index} names {_shortened(name)}, which is not in the archive")
        pictures.append(found)
    return tuple(pictures)


def _milliseconds(row: Mapping[str, Any], index: int, field: str) -> float | None:
    """Read one time in milliseconds, give it in seconds, or None where it is absent."""
    value = row.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _invalid(f"the {field} of entry {index} is not a number of milliseconds")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number) or (field == "duration" and number < 0):
        raise _invalid(f"the {field} of entry {index} is {_shortened(str(value))}; it must be finite and ≥ 0")
    return number / 1000


def _starts_by_timestamp(stamps_s: Sequence[float | None]) -> tuple[float, ...]:
    """Give starts from 0, or nothing where the timestamps are no clock."""
    stamps = [stamp for stamp in stamps_s if stamp is not None]
    if len(stamps) != len(stamps_s) or any(later < earlier for earlier, later in pairwise(stamps)):
        return ()
    if len(stamps) > 1 and stamps[0] == stamps[-1]:
        return ()
    return tuple(stamp - stamps[0] for stamp in stamps)


def _starts_by_duration(durations_s: Sequence[float | None]) -> tuple[float, ...]:
    before_last = []
    for index, duration in enumerate(durations_s[:-1]):
        if duration is None:
            raise _invalid(f"entry {index} has no duration, and the timestamps are no clock either")
        before_last.append(duration)
    return tuple(accumulate(before_last, initial=0.0))


def _shortened(text: str) -> str:
    """Show what a stranger wrote: printable, and not at length."""
    printable = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return printable if len(printable) <= 80 else printable[:79] + "…"  # noqa: PLR2004 - a line's worth


def _invalid(reason: str) -> BadInputError:
    return BadInputError(
        Code.TIMING_INVALID,
        f"timing.json cannot be used: {reason}",
        hint='Each entry is {"filename": "frame-00000.png", "duration": 16.67, "timestamp": 0}, in ms.',
    )
