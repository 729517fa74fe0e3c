"""The steps of an attempt as bars over its time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

# Columns of the page, and of the seconds with a space on each side.
WIDTH, SECONDS_WIDTH = 80, 10
# The least that is left to bars, however long names are.
LEAST_BARS = 20
STEP, PART = "█", "▒"


def waterfall(attempt: Mapping[str, Any]) -> str:
    """Draw a line a step: its name, its bar, its seconds; parts of steps are indented.

    Each bar has a sign at least; `attempt` is one of a timeline's.  What has not ended has no bar yet.
    """
    began_s = _instant_s(attempt["startedAt"])
    starts = [_instant_s(step["startedAt"]) - began_s for step in attempt["steps"]]
    ends = [start + (step["seconds"] or 0) for start, step in zip(starts, attempt["steps"], strict=True)]
    whole_s = max(ends, default=0) or 1
    names = [_shown(step["name"]) for step in attempt["steps"]]
    bars = max(LEAST_BARS, WIDTH - SECONDS_WIDTH - max(map(len, names), default=0) - 1)
    wide = WIDTH - SECONDS_WIDTH - bars - 1
    lines = []
    for name, step, start, end in zip(names, attempt["steps"], starts, ends, strict=True):
        first = min(bars - 1, round(bars * start / whole_s))
        last = max(first + 1, round(bars * end / whole_s))
        if step["seconds"] is None:
            bar, took = " " * first + "…", "not ended"
        else:
            bar, took = " " * first + _sign(step["name"]) * (last - first), f"{step['seconds']:.3f} s"
        lines.append(f"{name[:wide]:<{wide}} {bar:<{bars}}{took:>{SECONDS_WIDTH}}\n")
    return "".join(lines)


def _shown(name: str) -> str:
    step, dot, part = name.partition(".")
    return f"  {part}" if dot else step


def _sign(name: str) -> str:
    return PART if "." in name else STEP


def _instant_s(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
