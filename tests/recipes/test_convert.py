"""Convert, as decisions."""

from dataclasses import replace
from typing import Any

from oven.domain.errors import BadInputError, Code
from oven.domain.job import JobState
from oven.recipes.convert import RECIPE
from oven.recipes.plan import Limits
from oven.recipes.steps import Encode
from tests.recipes.test_tape_steps import ENCODED, LEARNED, REQUEST

ASKED = replace(REQUEST, thumbnail=None, size=(640, 480), echo={"mongoId": "507f"})


def names(results: dict[str, Any], limits: Limits) -> list[str]:
    return [step.name for step in RECIPE.next_steps(ASKED, results, limits)]


def test_what_runs_when(limits: Limits) -> None:
    """As a bake, without thumbnail and without a second pass."""
    assert names({}, limits) == ["take"]
    assert names(LEARNED, limits) == ["encode"]
    assert names({**LEARNED, "encode": ENCODED["encode"]}, limits) == ["verify-encode"]


def test_thirty_frames_a_second(limits: Limits) -> None:
    """Whatever the tape runs at, and of the size that was asked for."""
    (step,) = RECIPE.next_steps(ASKED, LEARNED, limits)
    assert isinstance(step, Encode)
    line = " ".join(step.arguments)
    assert "fps=30:round=near" in line
    assert "scale=640:480:flags=neighbor" in line


def test_what_a_failure_tells(limits: Limits) -> None:
    """The caller's own id, and why; no secret's place."""
    outcome = RECIPE.finish(ASKED, BadInputError(Code.NO_FRAMES, "none"), limits)
    assert outcome.state is JobState.FAILED
    assert outcome.callback == {
        "mongoId": "507f",
        "status": "error",
        "error": "none",
        "errorCode": "NO_FRAMES",
    }
