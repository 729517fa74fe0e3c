"""Values of an operation's options: how each is written, and what it means."""

import math
import re
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from oven.doors.asset_fields import MAX_TIME_S
from oven.doors.complaints import Complaint, Kind, complain
from oven.media.geometry import MAX_SIDE, Size
from oven.media.operations import Moment, Position

Word = TypeVar("Word", bound=StrEnum)
Value = TypeVar("Value")
MAX_MOMENTS = 20
MAX_MARGIN_PX = 4_096
# What any codec here counts quality by; planning knows each one's own end.
MAX_CRF = 63
LEAST_SIDE = 2
# Sizes of files are in the units that disks are sold by: whoever has a limit in the larger ones of memory
# (MiB) stays below it, too.
SIZE_UNITS = {
    "B": 1,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "KIB": 1 << 10,
    "MIB": 1 << 20,
    "GIB": 1 << 30,
}
MAX_TARGET_BYTES = 1 << 40
BIT_UNITS = {"": 1, "k": 1_000, "m": 1_000_000}
# Pictures, and sound, are worth nothing with less, and nobody means more.
VIDEO_BPS = (10_000, 200_000_000)
AUDIO_BPS = (6_000, 1_000_000)
# What else words are called, where everybody means the same by it.
ALIASES = {"hevc": "h265", "avc": "h264", "jpg": "jpeg"}
NUMBER = r"[0-9]{1,15}(?:\.[0-9]{1,6})?"
BITRATE = re.compile(rf"({NUMBER}) ?([kKmM]?)")
BYTES = re.compile(rf"({NUMBER}) ?([A-Za-z]{{1,3}})")
SIZE = re.compile(r"([0-9]{1,5}) ?[xX×] ?([0-9]{1,5})")
HEIGHT = re.compile(r"([0-9]{1,5})[pP]")
SECONDS = re.compile(rf"({NUMBER})s?")
PERCENT = re.compile(rf"({NUMBER}) ?%")
CLOCK = re.compile(r"(?:([0-9]{1,2}):)?([0-5]?[0-9]):([0-5]?[0-9](?:\.[0-9]{1,6})?)")
CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
MOMENT_RULE = (
    f"seconds (12.5) from 0 to {MAX_TIME_S}, "
    'or a text such as "12.5", "90s", "00:01:02.5", or "50%" of the whole'
)


def refuse(rule: str) -> Exception:
    """Give what says that a value breaks a rule, which follows its option's name: "must be …"."""
    return complain(Complaint(kind=Kind.VALUE, about=f" {rule}"))


def is_number(value: object) -> bool:
    """Whether a value is a finite number; of bool, which is one to Python, nobody means that."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def word(kind: type[Word]) -> Callable[[object], Word]:
    """Give what takes a word of a kind, in letters of any case."""

    def take(value: object) -> Word:
        given = value.lower() if isinstance(value, str) else ""
        given = ALIASES.get(given, given)
        if given not in list(kind):
            raise refuse(f"must be one of {', '.join(kind)}")
        return kind(given)

    return take


def number(low: float, high: float, *, above: bool = False) -> Callable[[object], float]:
    """Give what takes a number between two, or above the lower."""

    def take(value: object) -> float:
        if not (isinstance(value, int | float) and is_number(value)) or not low <= value <= high:
            raise refuse(rule)
        if above and value == low:
            raise refuse(rule)
        return float(value)

    rule = f"must be a number above {low:g}, {high:g} at most" if above else f"must be {low:g} to {high:g}"
    return take


def pixels(value: object) -> int:
    """Take the width of a margin."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_MARGIN_PX:
        raise refuse(f"must be a whole number of pixels from 0 to {MAX_MARGIN_PX}")
    return value


def bitrate(low: int, high: int, example: str) -> Callable[[object], int]:
    """Give what takes bits a second: a number, or a text with k or M."""

    def take(value: object) -> int:
        bps = -1.0
        if isinstance(value, int | float) and is_number(value):
            bps = value
        elif isinstance(value, str) and (found := BITRATE.fullmatch(value)):
            bps = float(found[1]) * BIT_UNITS[found[2].lower()]
        if not low <= bps <= high:
            raise refuse(f'must be bits a second from {low:,} to {high:,}, such as "{example}"')
        return round(bps)

    return take


def target_bytes(value: object) -> int:
    """Take the size of a file: a number of bytes, or a text with a unit."""
    size = -1.0
    if isinstance(value, int | float) and is_number(value):
        size = value
    elif isinstance(value, str) and (found := BYTES.fullmatch(value)):
        size = float(found[1]) * SIZE_UNITS.get(found[2].upper(), -1)
    if not 1 <= size <= MAX_TARGET_BYTES:
        raise refuse('must be a number of bytes, or a text such as "25MB" (of 10⁶ bytes) or "24MiB" (of 2²⁰)')
    return round(size)


def resolution(value: object) -> Size | int:
    """Take a size such as 1920x1080, or a height such as 720p."""
    if isinstance(value, str):
        if (found := SIZE.fullmatch(value)) and _is_size(size := Size(int(found[1]), int(found[2]))):
            return size
        if (found := HEIGHT.fullmatch(value)) and LEAST_SIDE <= int(found[1]) <= MAX_SIDE:
            return int(found[1])
    raise refuse(f'must be a text such as "1920x1080" or "720p", each side {LEAST_SIDE} to {MAX_SIDE:,}')


def size(value: object) -> Size:
    """Take a size such as 320x240."""
    if isinstance(value, str) and (found := SIZE.fullmatch(value)):
        given = Size(int(found[1]), int(found[2]))
        if _is_size(given):
            return given
    raise refuse(f'must be a text such as "320x240", each side {LEAST_SIDE} to {MAX_SIDE:,}')


def position(value: object) -> Position:
    """Take a place such as top-left, also as topLeft, top_left or "top left"."""
    if isinstance(value, str):
        given = re.sub(r"[_ ]", "-", CAPITAL.sub("-", value)).lower()
        if given in list(Position):
            return Position(given)
    raise refuse(f"must be one of {', '.join(Position)}")


def moment(value: object) -> Moment:
    """Take an instant, or a length."""
    found = as_moment(value)
    if found is None:
        raise refuse(f"must be {MOMENT_RULE}")
    return found


def moments(value: object) -> tuple[Moment, ...]:
    """Take a list of instants; what is wrong is told of each."""
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_MOMENTS:
        raise refuse(f"must be a list of 1 to {MAX_MOMENTS} moments, each {MOMENT_RULE}")
    taken = [as_moment(each) for each in value]
    if wrong := [index for index, each in enumerate(taken) if each is None]:
        raise complain(
            *(
                Complaint(kind=Kind.VALUE, about=f"[{index}] must be {MOMENT_RULE}", below=f"/{index}")
                for index in wrong
            )
        )
    return tuple(each for each in taken if each is not None)


def as_moment(value: object) -> Moment | None:
    """Read an instant, or a length; None where it is none."""
    if isinstance(value, int | float):
        return _seconds(value) if is_number(value) else None
    if not isinstance(value, str):
        return None
    if found := PERCENT.fullmatch(value):
        share = float(found[1])
        return Moment(share, "%") if share <= 100 else None  # noqa: PLR2004 - of a hundred
    if found := SECONDS.fullmatch(value):
        return _seconds(float(found[1]))
    if found := CLOCK.fullmatch(value):
        hours, minutes, seconds = found.groups()
        return _seconds(int(hours or 0) * 3_600 + int(minutes) * 60 + float(seconds))
    return None


def optional(take: Callable[[object], Value]) -> Callable[[object], Value | None]:
    """Let null pass."""
    return lambda value: None if value is None else take(value)


def _seconds(value: float) -> Moment | None:
    return Moment(float(value)) if 0 <= value <= MAX_TIME_S else None


def _is_size(given: Size) -> bool:
    return all(LEAST_SIDE <= side <= MAX_SIDE for side in given)
