"""Short: a part of a video becomes an upright film of one size, as phones show it."""

from collections.abc import Iterator

from oven.domain.errors import Code, OvenError, WarningCode
from oven.domain.job import JobState, Lane
from oven.domain.text import clipped
from oven.media.edit import Edit
from oven.media.edit_argv import first_pass
from oven.media.edit_check import Film, check_film, film_of, source_offset_s
from oven.media.short import SHORT_SIZE, plan_short, short_cap_bytes, smaller_short
from oven.media.source import read_source
from oven.recipes.export_report import verification_json
from oven.recipes.film_steps import AGAIN, FILM, decode, encode, film_of_step, measure, probe, take
from oven.recipes.plan import Artifact, Limits, Outcome, Phase, Recipe, Results, next_stage, published
from oven.recipes.short_callback import ShortComplete, ShortFailed, ShortReport
from oven.recipes.short_request import REQUESTS, ShortRequest
from oven.recipes.steps import Publish, Step
from oven.recipes.tape_metadata import warn

PHASES = (
    Phase("fetch", 10),
    Phase("inspect", 2),
    Phase("encode", 70),
    Phase("verify", 10),
    Phase("publish", 8),
)
PUBLISH = "publish"
CONTENT_TYPE = "video/mp4"
# What callers keep of a message.
MAX_MESSAGE_CHARS = 500


def next_steps(request: ShortRequest, results: Results, limits: Limits) -> tuple[Step, ...]:
    """Take the video; find out what it is; make the film of it; prove it; publish.

    Raises:
        BadInputError: FIELD_INVALID, MEDIA_….
        FaultError: OUTPUT_INVALID.

    """
    return next_stage(_stages(request, results, limits), results)


def finish(request: ShortRequest, results: Results | OvenError, limits: Limits) -> Outcome:
    """Say what was made, or why nothing was."""
    if isinstance(results, OvenError):
        return _failure(request, results)
    edit = _edit(request, results)
    made = _made(results)
    film = _film(made, edit, results)
    size = results[made]["sizeBytes"]
    cap_bytes = short_cap_bytes(request.quality, edit.duration_s)
    told = ShortReport(
        key=request.target.key,
        file_size_bytes=size,
        # Of the pictures: the last packet of sound may reach a little beyond.
        duration_s=round(film.video["endS"] - film.video["startS"], 3),
        resolution=f"{SHORT_SIZE.width}x{SHORT_SIZE.height}",
        lifetime_s=limits.short_keep_s,
        warnings=[
            *(warn(WarningCode.EXPORT_NOTE, sentence) for sentence in edit.warnings),
            *(
                [warn(WarningCode.TARGET_MISSED, f"the film has {size:,} bytes, more than {cap_bytes:,}")]
                if size > cap_bytes
                else []
            ),
        ],
        verification=verification_json(edit, film, results),
    )
    echo = {"scene_id": request.scene_id, "video_id": request.asset_id}
    return Outcome(
        state=JobState.DONE,
        result={**echo, **told},
        artifacts=_artifacts(results, limits),
        callback=ShortComplete(
            scene_id=request.scene_id, video_id=request.asset_id, status="complete", **told
        ),
    )


def _failure(request: ShortRequest, error: OvenError) -> Outcome:
    told = ShortFailed(
        scene_id=request.scene_id,
        video_id=request.asset_id,
        status="error",
        error=clipped(error.message, MAX_MESSAGE_CHARS),
        errorCode=error.code,
    )
    state = JobState.CANCELLED if error.code is Code.CANCELLED else JobState.FAILED
    return Outcome(state=state, error=error, callback=told)


def _stages(request: ShortRequest, results: Results, limits: Limits) -> Iterator[tuple[Step, ...]]:
    """Give the steps, stage after stage; whoever asks stops at the first that has something to do."""
    yield (take(request.source, limits),)
    yield (probe(),)
    edit = _edit(request, results)
    yield _encoded(FILM, edit, limits)
    yield (measure(FILM, edit),)
    size, cap_bytes = results[FILM]["sizeBytes"], short_cap_bytes(request.quality, edit.duration_s)
    if size > cap_bytes:
        yield _encoded(AGAIN, smaller_short(edit, size_bytes=size, cap_bytes=cap_bytes), limits)
        yield (measure(AGAIN, edit),)
    made = _made(results)
    yield (decode(made, edit, limits, timeout_s=limits.short_s),)
    offset_s = source_offset_s(edit, results["probe"])
    check_film(edit, _film(made, edit, results), results["decode"], offset_s=offset_s)
    yield (
        Publish(
            name=PUBLISH,
            phase="publish",
            source=film_of_step(made, edit),
            artifact="video",
            target=request.target,
            content_type=CONTENT_TYPE,
            is_public=False,
        ),
    )


def _encoded(name: str, edit: Edit, limits: Limits) -> tuple[Step, ...]:
    run = first_pass(edit, threads=limits.encoder_threads)
    return (encode(name, edit, run, limits, timeout_s=limits.short_s),)


def _edit(request: ShortRequest, results: Results) -> Edit:
    """Decide once more, by what the file itself says."""
    return plan_short(
        read_source(results["probe"]),
        start_s=request.start_s,
        end_s=request.end_s,
        strategy=request.strategy,
        quality=request.quality,
    )


def _made(results: Results) -> str:
    """Name the step that has made the film: the one that kept it small, where there are two."""
    return AGAIN if AGAIN in results else FILM


def _film(made: str, edit: Edit, results: Results) -> Film:
    return film_of(edit, results[f"measure-{made}"])


def _artifacts(results: Results, limits: Limits) -> tuple[Artifact, ...]:
    return (published("video", results[PUBLISH], lifetime_s=limits.short_keep_s),)


RECIPE = Recipe(
    kind="short",
    phases=PHASES,
    read=REQUESTS.validate_python,
    next_steps=next_steps,
    finish=finish,
    lane=Lane.SHORT,
)
