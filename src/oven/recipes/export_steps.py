"""The steps of an export, and the names of what they make."""

from collections.abc import Iterator

from oven.domain.errors import Code
from oven.media.containers import AVI, MKV, MOV, MP4, WEBM
from oven.media.edit import Edit, EncodedVideo, Still
from oven.media.edit_argv import SEEKING_DEMUXERS, SOURCE, Pass, film_file, mark_file, still_file
from oven.media.memory import decode_memory_bytes, export_memory_bytes
from oven.media.operations import CutMode, Format, StillFormat, Trim, Watermark
from oven.media.source import Source
from oven.recipes.export_request import ExportRequest
from oven.recipes.plan import Limits
from oven.recipes.steps import (
    Decode,
    Encode,
    Fetch,
    FetchObject,
    FindKeyFrame,
    Link,
    Measure,
    PlainPicture,
    ProbeSource,
    Publish,
    Target,
)

TAKEN = "take/source"
# The steps that make the film: the first, and the one that comes nearer to a size.
FILM, AGAIN = "encode", "encode-again"
PUBLISH = "publish-"
# An hour of film may be read without a frame that is shown, but not so long be encoded.
LONGEST_SILENCE_S = 60.0
# What is laid over a film need not be larger than this on any side.
MAX_MARK_SIDE = 4_096
MEASURE_S = 600.0
CONTAINERS = {Format(each.name): each for each in (MP4, MOV, MKV, WEBM, AVI)}
STILL_TYPES = {
    StillFormat.JPEG: "image/jpeg",
    StillFormat.PNG: "image/png",
    StillFormat.WEBP: "image/webp",
}


def take(request: ExportRequest, limits: Limits) -> FetchObject:
    """Bring the source from the store."""
    return FetchObject(
        name="take", phase="fetch", source=request.source, file="source", max_bytes=limits.media_bytes
    )


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


def probe() -> ProbeSource:
    """Find out what the source is, whatever was found when it was imported."""
    return ProbeSource(name="probe", phase="inspect", source=TAKEN)


def plain_marks(request: ExportRequest, limits: Limits) -> Iterator[PlainPicture]:
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


def encode(name: str, edit: Edit, run: Pass, limits: Limits) -> Encode:
    """Make all that is asked for; the second time the film alone, by what the first has seen."""
    marks = (Link(f"picture-{number}/mark.png", mark_file(number)) for number in range(run.marks))
    stats = (Link(f"{FILM}/{file}", f"in/{file}") for file in run.stats if name == AGAIN)
    left = run.stats if name == FILM else ()
    # Where no film is made, the first picture stands for all.
    output, *extras = (run.output, *run.stills) if run.output else run.stills
    return Encode(
        name=name,
        phase="encode",
        links=(Link(TAKEN, SOURCE), *marks, *stats),
        arguments=run.arguments,
        output=output,
        extras=(*extras, *left),
        frames=edit.frames,
        timeout_s=limits.export_s,
        stall_s=_silence_s(edit, limits),
        memory_bytes=export_memory_bytes(edit, threads=limits.encoder_threads),
        threads=limits.encoder_threads,
        broken=Code.MEDIA_INVALID,
    )


def measure(made: str, edit: Edit) -> Measure:
    """Read the film that a step has made."""
    return Measure(
        name=f"measure-{made}",
        phase="verify",
        source=film_of_step(made, edit),
        demuxer=CONTAINERS[film_format(edit)].demuxer,
        timeout_s=MEASURE_S,
    )


def decode(made: str, edit: Edit, limits: Limits) -> Decode:
    """Decode the film that a step has made: all of it, or, of one that was copied, its key frames."""
    size = edit.video.size if isinstance(edit.video, EncodedVideo) else edit.upright
    return Decode(
        name="decode",
        phase="verify",
        source=film_of_step(made, edit),
        demuxer=CONTAINERS[film_format(edit)].demuxer,
        keys_only=not isinstance(edit.video, EncodedVideo),
        frames=edit.frames,
        timeout_s=limits.export_s,
        stall_s=max(limits.stall_s, LONGEST_SILENCE_S),
        memory_bytes=decode_memory_bytes(size, limits.encoder_threads, 0),
        threads=limits.encoder_threads,
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


def film_format(edit: Edit) -> Format:
    """Give the container of an edit that makes a film."""
    if edit.format is None:
        raise TypeError("an edit of pictures alone makes no film")
    return edit.format


def film_of_step(made: str, edit: Edit) -> str:
    """Refer to the film that a step has made."""
    return f"{made}/{film_file(film_format(edit))}"


def _mark_labels(request: ExportRequest) -> list[str]:
    """Name the picture of each watermark, as users know it."""
    return [
        f"the watermark of operation {index}"
        for index, operation in enumerate(request.operations)
        if isinstance(operation, Watermark)
    ]


def _silence_s(edit: Edit, limits: Limits) -> float:
    """Give how long an encode may make nothing: as long as it may take, where it reads all before a cut."""
    is_sought = edit.demuxer in SEEKING_DEMUXERS and edit.format is not None
    return max(limits.stall_s, LONGEST_SILENCE_S) if is_sought else limits.export_s
