"""What an attempt leaves for whoever asks later."""

from itertools import count

from oven.pipeline.trace import LOG_KEPT_CHARS, Trace
from oven.recipes.steps import TakeLocal

STEP = TakeLocal(name="take", phase="fetch", path="/t.zip", file="f", max_bytes=1)


def test_steps_with_their_times() -> None:
    """One that has not ended has no end and no outcome."""
    clock = count(5)
    trace = Trace(now_ms=lambda: next(clock))
    trace.begin(STEP)
    assert trace.steps_json() == [
        {"name": "take", "phase": "fetch", "beganMs": 5, "endedMs": None, "outcome": ""}
    ]
    trace.end(STEP, "done")
    assert [(step["endedMs"], step["outcome"]) for step in trace.steps_json()] == [(6, "done")]


def test_the_end_of_a_long_log_is_kept() -> None:
    """However it comes."""
    trace = Trace(now_ms=lambda: 0)
    for number in range(9_999):
        trace.say(f"line {number}\n")
    assert trace.log.endswith("line 9998\n")
    assert len(trace.log) == LOG_KEPT_CHARS
