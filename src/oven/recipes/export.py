"""Export: a film becomes another one, and pictures of it, by as few decodes as there can be."""

from collections.abc import Iterator, Sequence

from oven.domain.errors import BadInputError, Code, OvenError
from oven.domain.job import JobState, Lane
from oven.media.edit import Edit, EncodedVideo, TargetSize
from oven.media.edit_argv import first_pass, second_pass
from oven.media.edit_check import Film, check_film, film_of, source_offset_s
from oven.media.operations import Operation, OptionError
from oven.media.planning import plan_edit
from oven.media.sizing import corrected
from oven.media.source import read_source
from oven.recipes import export_steps
from oven.recipes.export_callback import ExportComplete, ExportFailed
from oven.recipes.export_report import artifacts, report, stills_made
from oven.recipes.export_request import REQUESTS, ExportRequest
from oven.recipes.film_steps import AGAIN, FILM, decode, encode, measure, probe, take
from oven.recipes.plan import Limits, Outcome, Phase, Recipe, Results, next_stage
from oven.recipes.steps import Step

PHASES = (
    Phase("fetch", 15),
    Phase("inspect", 3),
    Phase("encode", 65),
    Phase("verify", 7),
    Phase("publish", 10),
)


def next_steps(request: ExportRequest, results: Results, limits: Limits) -> tuple[Step, ...]:
    """Take what is worked on; find out what it is; make all of it at once; prove it; publish.

    Raises:
        BadInputError: OPERATION_INVALID, MEDIA_….
        FaultError: OUTPUT_INVALID.

    """
    return next_stage(_stages(request, results, limits), results)


def finish(request: ExportRequest, results: Results | OvenError, limits: Limits) -> Outcome:
    """Say what was made, or why nothing was."""
    if isinstance(results, OvenError):
        failed = ExportFailed(
            videoId=request.asset_id, status="error", error=results.message, errorCode=results.code
        )
        is_cancelled = results.code is Code.CANCELLED
        return Outcome(
            state=JobState.CANCELLED if is_cancelled else JobState.FAILED, error=results, callback=failed
        )
    edit = _edit(request, results, limits)
    told = report(edit, _film(_best(edit, results), edit, results) if edit.format else None, results)
    complete = ExportComplete(videoId=request.asset_id, status="complete", **told)
    return Outcome(
        state=JobState.DONE,
        result={"videoId": request.asset_id, **told},
        artifacts=artifacts(results),
        callback=complete,
    )


def refusal(error: OptionError, operations: Sequence[Operation]) -> BadInputError:
    """Say which operation cannot be, and why."""
    kind = operations[error.index].type
    said = f"{error.option} {error.rule}".strip()
    return BadInputError(Code.OPERATION_INVALID, f"operation {error.index} ({kind}): {said}")


def _stages(request: ExportRequest, results: Results, limits: Limits) -> Iterator[tuple[Step, ...]]:
    """Give the steps, stage after stage; whoever asks stops at the first that has something to do."""
    threads, timeout_s = limits.encoder_threads, limits.export_s
    yield (take(request.source, limits), *export_steps.take_marks(request, limits))
    yield (probe(), *export_steps.plain_marks(request, results, limits))
    if (key := export_steps.key_frame(request, read_source(results["probe"]))) is not None:
        yield (key,)
    edit = _edit(request, results, limits)
    yield (encode(FILM, edit, first_pass(edit, threads=threads), limits, timeout_s=timeout_s),)
    if edit.format is not None:
        yield (measure(FILM, edit),)
        if (rate := _correction(edit, results)) is not None:
            again = second_pass(edit, rate, threads=threads)
            yield (encode(AGAIN, edit, again, limits, timeout_s=timeout_s),)
            yield (measure(AGAIN, edit),)
        yield (decode(_best(edit, results), edit, limits, timeout_s=timeout_s),)
        _check(edit, results)
    yield tuple(export_steps.publish_still(request, still) for still in stills_made(edit, results))
    if edit.format is not None:
        yield (export_steps.publish_film(request, edit, _best(edit, results)),)


def _edit(request: ExportRequest, results: Results, limits: Limits) -> Edit:
    """Decide once more, by what the file itself says.

    Raises:
        BadInputError: OPERATION_INVALID.

    """
    found = results["key"]["seconds"] if "key" in results else None
    try:
        return plan_edit(
            read_source(results["probe"]),
            request.operations,
            max_pixels=limits.frame_pixels,
            key_frame_s=found,
        )
    except OptionError as error:
        raise refusal(error, request.operations) from error


def _correction(edit: Edit, results: Results) -> TargetSize | None:
    """Give the rate that would come nearer to the size that was asked for, where there is one."""
    if not isinstance(edit.video, EncodedVideo) or not isinstance(edit.video.rate, TargetSize):
        return None
    film = _film(FILM, edit, results)
    return corrected(
        edit.video.rate,
        codec=edit.video.codec,
        duration_s=edit.duration_s,
        video_bytes=film.video_bytes,
        other_bytes=film.other_bytes,
    )


def _best(edit: Edit, results: Results) -> str:
    """Name the step that has made the film: of two the one that is nearer to the size."""
    rate = edit.video.rate if isinstance(edit.video, EncodedVideo) else None
    if AGAIN not in results or not isinstance(rate, TargetSize):
        return FILM
    target = rate.target_bytes
    return min((FILM, AGAIN), key=lambda made: abs(int(results[made]["sizeBytes"]) - target))


def _film(made: str, edit: Edit, results: Results) -> Film:
    return film_of(edit, results[f"measure-{made}"])


def _check(edit: Edit, results: Results) -> None:
    """Look whether the film is what was meant.

    Raises:
        BadInputError: MEDIA_INVALID.
        FaultError: OUTPUT_INVALID.

    """
    film = _film(_best(edit, results), edit, results)
    check_film(edit, film, results["decode"], offset_s=source_offset_s(edit, results["probe"]))


RECIPE = Recipe(
    kind="export",
    phases=PHASES,
    read=REQUESTS.validate_python,
    next_steps=next_steps,
    finish=finish,
    lane=Lane.EXPORT,
)
