"""Bake: a recorder's tape becomes an MP4 and a thumbnail."""

from collections.abc import Mapping
from typing import Any

from oven.domain.errors import OvenError
from oven.domain.job import JobState
from oven.media.argv import SOUND_BITRATE_BPS
from oven.media.encode import Quality, bitrate_to_fit
from oven.recipes import reuse
from oven.recipes import tape_steps as steps
from oven.recipes.plan import Limits, Outcome, Recipe, Results
from oven.recipes.steps import Step
from oven.recipes.tape import REQUESTS, Plan, TapeRequest, plan_of
from oven.recipes.tape_callback import Baked
from oven.recipes.tape_report import artifacts, failure, report

KIND = "bake"
# The encode, and the corrective pass for a result over the blob limit.
FIRST, SMALLER = "encode", "encode-smaller"


def next_steps(request: TapeRequest, results: Results, limits: Limits) -> tuple[Step, ...]:
    """Copy what was made before.

    Else learn what the tape is; then encode and thumbnail side by side; then verify; then publish.
    """
    copying = reuse.again(KIND, request, results, limits)
    if copying or reuse.is_copied(request, results):
        return copying
    learning = steps.learn(request, results, limits)
    if learning:
        return learning
    plan = plan_of(request, results, limits)
    thumbnail = () if request.thumbnail is None else (steps.thumbnail(plan),)
    making = _made(FIRST, plan, results, limits)
    if not making and results[FIRST]["sizeBytes"] > limits.blob_bytes:
        making = _made(SMALLER, plan, results, limits)
    if making:
        return (*making, *thumbnail)
    video = steps.publish_video(_best(results), request.video)
    # A job that fails must leave no thumbnail, so the video comes first.
    if request.thumbnail is None or "publish-video" not in results:
        return (video, *thumbnail)
    if "sizeBytes" not in results.get("thumbnail", {}):
        return thumbnail
    return (steps.publish_thumbnail(request.thumbnail),)


def finish(request: TapeRequest, results: Results | OvenError, limits: Limits) -> Outcome:
    """Say what was made and how true it is, or why nothing was."""
    if isinstance(results, OvenError):
        return failure(results, _callback(request, {}))
    if reuse.is_copied(request, results):
        result, made = reuse.retold(request, results), reuse.copies(request, results)
    else:
        result, made = _report(request, results, limits), artifacts(results)
    told = Baked(
        status="complete",
        mp4Url=result["videoUrl"],
        thumbnailUrl=result["thumbnailUrl"],
        duration=result["duration"],
        size=result["size"],
        resolution=result["resolution"],
        frames=result["frames"],
        rate=result["rate"],
        warnings=result["warnings"],
    )
    return Outcome(
        state=JobState.DONE,
        result=result,
        artifacts=made,
        callback=_callback(request, told),
        fingerprint=reuse.fingerprint(results),
    )


def _report(request: TapeRequest, results: Results, limits: Limits) -> dict[str, Any]:
    made = _best(results)
    plan = plan_of(request, results, limits)
    return report(
        plan,
        results,
        limits,
        made=made,
        passes=[name for name in (FIRST, SMALLER) if name in results],
        quality=_quality(made, plan, limits),
    )


def _callback(request: TapeRequest, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the callback's body; the secret's place is free until it is sent."""
    return {**request.echo, "secret": None, **told}


def _made(name: str, plan: Plan, results: Results, limits: Limits) -> tuple[Step, ...]:
    return steps.made(
        name,
        plan,
        results,
        limits,
        quality=_quality(name, plan, limits),
        # What is too large already need not be ended: the smaller one is made anyway.
        max_bytes=limits.blob_bytes if name == FIRST else None,
    )


def _best(results: Results) -> str:
    """Name the encode to publish: the smaller one where a second was needed."""
    made = [name for name in (FIRST, SMALLER) if name in results and not steps.outgrew(results[name])]
    return min(made, key=lambda name: int(results[name]["sizeBytes"]))


def _quality(made: str, plan: Plan, limits: Limits) -> Quality:
    if made == FIRST:
        return plan.quality
    sound_bps = SOUND_BITRATE_BPS if plan.expected.has_sound else 0
    return bitrate_to_fit(limits.blob_bytes, plan.schedule.duration_s, sound_bps)


RECIPE = Recipe(
    kind=KIND,
    phases=steps.PHASES,
    read=REQUESTS.validate_python,
    next_steps=next_steps,
    finish=finish,
)
