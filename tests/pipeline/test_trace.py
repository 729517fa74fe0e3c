"""What an attempt leaves for whoever asks later."""

from dataclasses import replace
from itertools import count

from oven.pipeline.trace import LOG_KEPT_CHARS, Trace, phase_seconds
from oven.recipes.steps import TakeLocal

STEP = TakeLocal(name="take", phase="fetch", path="/t.zip", file="f", max_bytes=1)


def test_steps_with_their_times() -> None:
    """One that has not ended has no end and no outcome."""
    clock = count(4)
    trace = Trace(now_ms=lambda: next(clock))
    trace.begin(STEP)
    assert trace.steps_json() == [
        {"name": "take", "phase": "fetch", "beganMs": 5, "endedMs": None, "outcome": ""}
    ]
    trace.end(STEP, "done")
    assert [(step["endedMs"], step["outcome"]) for step in trace.steps_json()] == [(6, "done")]


def test_spans() -> None:
    """Times count from the begin of the attempt; parts have their own, and what still runs has none yet."""
    clock = iter((1_000, 1_010, 1_020, 1_050, 1_060, 1_070))
    trace = Trace(now_ms=lambda: next(clock))
    trace.begin(STEP)
    with trace.span(STEP, "download"):
        pass
    trace.end(STEP, "done")
    trace.begin(replace(STEP, name="other"))
    assert trace.spans() == [
        {"name": "take", "phase": "fetch", "startMs": 10, "seconds": 0.05, "outcome": "done"},
        {"name": "take.download", "phase": "fetch", "startMs": 20, "seconds": 0.03, "outcome": "done"},
    ]


def test_seconds_of_phases() -> None:
    """From the first step's begin to the last one's end, however they overlap; what runs took none yet."""
    trace = Trace(now_ms=iter((0, 100, 200, 300, 1_600, 5_000)).__next__)
    beside = replace(STEP, name="beside")
    trace.begin(STEP)
    trace.begin(beside)
    trace.end(STEP, "done")
    trace.end(beside, "done")
    trace.begin(replace(STEP, name="last", phase="publish"))
    assert phase_seconds(trace.steps_json()) == {"fetch": 1.5, "publish": 0.0}


def test_the_end_of_a_long_log_is_kept() -> None:
    """However it comes."""
    trace = Trace(now_ms=lambda: 0)
    for number in range(9_999):
        trace.say(f"line {number}\n")
    assert trace.log.endswith("line 9998\n")
    assert len(trace.log) == LOG_KEPT_CHARS
