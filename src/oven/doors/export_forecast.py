"""What an export would do, told without doing it."""

import shlex
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from oven.media.edit import CopiedVideo, Edit, EncodedVideo
from oven.media.edit_argv import passes_of
from oven.media.estimate import estimate
from oven.media.operations import Operation
from oven.media.source import Source


class PassJson(TypedDict):
    """One run of ffmpeg."""

    operations: Annotated[list[str], Field(description="What it does of what was asked for.")]
    mode: Annotated[
        Literal["copy", "encode"], Field(description="Whether pictures stay as they are, or are made anew.")
    ]
    command: Annotated[str, Field(description="As a shell would take it; `in/source` is the video.")]


class FilmPlanJson(TypedDict):
    """The film that would be made."""

    format: str
    videoCodec: str
    audioCodec: str | None
    width: int
    height: int
    duration: Annotated[float, Field(description="In seconds.")]
    frameRate: Annotated[float | None, Field(description="Null where it is not constant, or stays as it is.")]


class StillPlanJson(TypedDict):
    """A picture that would be taken, at so many seconds of the result."""

    time: float
    file: str


class PredictedJson(TypedDict):
    """What it would take, about."""

    sizeBytes: Annotated[int, Field(description="Of all results.")]
    seconds: Annotated[float, Field(description="Of work on this machine, without downloads and uploads.")]


class ForecastJson(TypedDict):
    """What an export would do; nothing is started."""

    dryRun: Literal[True]
    passes: list[PassJson]
    reasons: Annotated[list[str], Field(description="Why what is encoded or copied is so.")]
    warnings: Annotated[list[str], Field(description="What one might miss in the result.")]
    output: Annotated[FilmPlanJson | None, Field(description="Null where pictures alone are taken.")]
    thumbnails: list[StillPlanJson]
    predicted: PredictedJson


def forecast_json(
    edit: Edit, source: Source, operations: Sequence[Operation], *, threads: int
) -> ForecastJson:
    """Tell what an edit of a source would do."""
    foreseen = estimate(edit, source, threads=threads)
    is_copy = isinstance(edit.video, CopiedVideo)
    return {
        "dryRun": True,
        "passes": [
            {
                "operations": list(dict.fromkeys(each.type for each in operations)),
                "mode": "copy" if is_copy else "encode",
                "command": shlex.join(("ffmpeg", *run.arguments)),
            }
            for run in passes_of(edit, threads=threads)
        ],
        "reasons": list(edit.reasons),
        "warnings": list(edit.warnings),
        "output": _film(edit),
        "thumbnails": [{"time": round(still.at_s, 6), "file": still.file} for still in edit.stills],
        "predicted": {"sizeBytes": foreseen.size_bytes, "seconds": round(foreseen.seconds, 1)},
    }


def _film(edit: Edit) -> FilmPlanJson | None:
    video = edit.video
    if edit.format is None or video is None:
        return None
    size, rate = edit.upright, None
    if isinstance(video, EncodedVideo):
        size, rate = video.size, video.constant_rate
    return {
        "format": edit.format,
        "videoCodec": video.codec,
        "audioCodec": edit.sound.codec if edit.sound else None,
        "width": size.width,
        "height": size.height,
        "duration": round(edit.duration_s, 6),
        "frameRate": None if rate is None else round(float(rate), 3),
    }
