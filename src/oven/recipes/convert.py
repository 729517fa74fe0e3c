"""Convert: a recorder's tape becomes an MP4 of a constant 30 frames a second."""

from dataclasses import replace
from fractions import Fraction

from oven.domain.errors import OvenError
from oven.domain.job import JobState
from oven.media.encode import PIXEL
from oven.recipes import reuse
from oven.recipes import tape_steps as steps
from oven.recipes.plan import Limits, Outcome, Recipe, Results
from oven.recipes.steps import Step
from oven.recipes.tape import REQUESTS, Plan, TapeRequest, plan_of
from oven.recipes.tape_callback import Converted
from oven.recipes.tape_report import artifacts, failure, report

KIND = "convert"
RATE = Fraction(30)
ENCODE = "encode"


def next_steps(request: TapeRequest, results: Results, limits: Limits) -> tuple[Step, ...]:
    """Copy what was made before; else learn what the tape is; encode; verify; publish."""
    copying = reuse.again(KIND, request, results, limits)
    if copying or reuse.is_copied(request, results):
        return copying
    learning = steps.learn(request, results, limits)
    if learning:
        return learning
    plan = _plan(request, results, limits)
    making = steps.made(ENCODE, plan, results, limits, profile=PIXEL, quality=PIXEL.quality)
    return making or (steps.publish_video(ENCODE, request.video),)


def finish(request: TapeRequest, results: Results | OvenError, limits: Limits) -> Outcome:
    """Say what was made and how true it is, or why nothing was."""
    if isinstance(results, OvenError):
        return failure(results, request.echo)
    if reuse.is_copied(request, results):
        result, made = reuse.retold(request, results), reuse.copies(request, results)
    else:
        plan = _plan(request, results, limits)
        result = report(
            plan, results, limits, made=ENCODE, passes=[ENCODE], profile=PIXEL, quality=PIXEL.quality
        )
        made = artifacts(results)
    told = Converted(
        mp4Url=result["videoUrl"],
        status="complete",
        duration=result["duration"],
        size=result["size"],
        resolution=result["resolution"],
    )
    return Outcome(
        state=JobState.DONE,
        result=result,
        artifacts=made,
        callback={**request.echo, **told},
        fingerprint=reuse.fingerprint(results),
    )


def _plan(request: TapeRequest, results: Results, limits: Limits) -> Plan:
    return plan_of(replace(request, rate=RATE), results, limits)


RECIPE = Recipe(
    kind=KIND,
    phases=steps.PHASES,
    read=REQUESTS.validate_python,
    next_steps=next_steps,
    finish=finish,
)
