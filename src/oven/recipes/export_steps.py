"""The steps that only exports have: for watermarks, key frames and pictures."""

from collections.abc import Iterator

from oven.media.edit import Edit, Still
from oven.media.edit_argv import still_file
from oven.media.operations import CutMode, StillFormat, Trim, Watermark
from oven.media.resident import picture_resident_bytes
from oven.media.source import Source
from oven.recipes.export_request import ExportRequest
from oven.recipes.film_steps import CONTAINERS, FILM, TAKEN, film_format, film_of_step
from oven.recipes.plan import Limits, Results
from oven.recipes.steps import Fetch, FetchObject, FindKeyFrame, PlainPicture, Publish, Target

PUBLISH = "publish-"
# What is laid over a film need not be larger than this on any side.
MAX_MARK_SIDE = 4_096
STILL_TYPES = {
    StillFormat.JPEG: "image/jpeg",
    StillFormat.PNG: "image/png",
    StillFormat.WEBP: "image/webp",
}


def take_marks(request: ExportRequest, limits: Limits) -> Iterator[Fetch | FetchObject]:
    """Bring the pictures of the watermarks."""
    for number, (mark, label) in enumerate(zip(request.marks, _mark_labels(request), strict=True)):
        name = f"mark-{number}"
        if mark.target is not None:
            yield FetchObject(
                name=name, phase="fetch", source=mark.target, file="source", max_bytes=limits.media_bytes
            )
        else:
            yield Fetch(
                name=name,
                phase="fetch",
                url=mark.url,
                file="source",
                max_bytes=limits.media_bytes,
                label=label,
                timeout_s=limits.image_s,
            )


def plain_marks(request: ExportRequest, results: Results, limits: Limits) -> Iterator[PlainPicture]:
    """Make the pictures of the watermarks such as ffmpeg may see."""
    for number, label in enumerate(_mark_labels(request)):
        yield PlainPicture(
            name=f"picture-{number}",
            phase="inspect",
            source=f"mark-{number}/source",
            output="mark.png",
            label=label,
            max_pixels=limits.image_pixels,
            max_side=MAX_MARK_SIDE,
            resident_bytes=picture_resident_bytes(
                size_bytes=results[f"mark-{number}"]["sizeBytes"], max_pixels=limits.image_pixels
            ),
        )


def key_frame(request: ExportRequest, source: Source) -> FindKeyFrame | None:
    """Look where a cut without an encode can begin, if one is asked for."""
    trim = next((each for each in request.operations if isinstance(each, Trim)), None)
    if trim is None or trim.mode is not CutMode.KEYFRAMES or source.video_index is None:
        return None
    return FindKeyFrame(
        name="key",
        phase="inspect",
        source=TAKEN,
        demuxer=source.demuxer,
        stream=source.video_index,
        at_s=trim.start.seconds(source.duration_s),
    )


def publish_film(request: ExportRequest, edit: Edit, made: str) -> Publish:
    """Put the film that a step has made into the store."""
    kind = film_format(edit)
    return Publish(
        name=f"{PUBLISH}video",
        phase="publish",
        source=film_of_step(made, edit),
        artifact="video",
        target=Target(request.folder.bucket, f"{request.folder.key}{request.name}.{kind}"),
        content_type=CONTAINERS[kind].content_type,
        is_public=False,
    )


def publish_still(request: ExportRequest, still: Still) -> Publish:
    """Put a picture into the store."""
    return Publish(
        name=f"{PUBLISH}{still.file}",
        phase="publish",
        source=f"{FILM}/{still_file(still)}",
        artifact=still.file.partition(".")[0],
        target=Target(request.folder.bucket, f"{request.folder.key}{still.file}"),
        content_type=STILL_TYPES[still.format],
        is_public=False,
    )


def _mark_labels(request: ExportRequest) -> list[str]:
    """Name the picture of each watermark, as users know it."""
    return [
        f"the watermark of operation {index}"
        for index, operation in enumerate(request.operations)
        if isinstance(operation, Watermark)
    ]
