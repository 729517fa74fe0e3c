"""Ingest: a stranger's media becomes an asset, its bytes as they are, with what there is to know of it."""

from collections.abc import Mapping
from typing import Any

from oven.domain.asset import AssetChange, AssetStatus, AssetType
from oven.domain.errors import BadInputError, Code, OvenError, WarningCode
from oven.domain.job import JobState, Lane
from oven.media.resident import decode_resident_bytes, picture_resident_bytes
from oven.media.source import Source, check_source, file_metadata, read_source
from oven.media.stills import THREADS, WIDTH, Taking, still_files, take_first, take_moments
from oven.recipes.ingest_callback import ImportFailed, ImportReady
from oven.recipes.ingest_request import REQUESTS, IngestRequest
from oven.recipes.plan import Artifact, Limits, Outcome, Phase, Recipe, Results, published
from oven.recipes.steps import (
    Fetch,
    FetchObject,
    Link,
    ProbePicture,
    ProbeSource,
    Publish,
    Step,
    Stills,
    Target,
    Tee,
)
from oven.recipes.tape_metadata import JobWarning, warn

SOURCE = "take/source"
ORIGINAL = "original"
THUMBNAIL = "thumbnail.jpg"
# The step that takes pictures of moments.
MOMENTS = "moments"
PUBLISH = "publish-"
PHASES = (Phase("fetch", 85), Phase("inspect", 5), Phase("publish", 10))
# What is told of an image, as its metadata has it, by what `ProbePicture` gives.
IMAGE_FACTS = {
    **{name: name for name in ("format", "width", "height", "frames", "mode")},
    "hasAlpha": "has_alpha",
}
# Of the picture that stands for an image, a video or a moment of it.
STILLS_TIMEOUT_S = 600.0


def next_steps(request: IngestRequest, results: Results, limits: Limits) -> tuple[Step, ...]:
    """Take it; find out what it is; take pictures of it; publish.

    Raises:
        BadInputError: MEDIA_….

    """
    if "take" not in results:
        return (_take(request, limits),)
    if "probe" not in results:
        return (_probe(request, results, limits),)
    if request.type is AssetType.IMAGE:
        return _publications(request, results)
    source = _checked(request, results)
    if request.type is AssetType.VIDEO and "stills" not in results:
        return (_stills("stills", source, take_first(source)),)
    if request.type is AssetType.VIDEO and THUMBNAIL not in results["stills"]["files"]:
        raise BadInputError(Code.MEDIA_INVALID, "the first picture of the video cannot be decoded")
    if request.times_s and MOMENTS not in results:
        # Late ones of a long film take long; the film is none the worse without them.
        return (_stills(MOMENTS, source, take_moments(source, request.times_s), optional=True),)
    return _publications(request, results)


def finish(request: IngestRequest, results: Results | OvenError, _: Limits) -> Outcome:
    """Say what the asset is, or why there is none."""
    if isinstance(results, OvenError):
        return _failure(request, results)
    stored = results["take"]
    facts = _facts(request, results)
    result = {
        "assetId": request.asset_id,
        "sizeBytes": stored["sizeBytes"],
        "checksum": stored["sha256"],
        **facts,
        "warnings": _warnings(results),
    }
    thumbnail = results.get(f"{PUBLISH}{THUMBNAIL}", {})
    told = ImportReady(
        asset_id=request.asset_id,
        status="complete",
        type=request.type,
        size=stored["sizeBytes"],
        checksum=stored["sha256"],
        metadata=facts,
    )
    return Outcome(
        state=JobState.DONE,
        result=result,
        artifacts=_artifacts(results),
        callback=told,
        asset=AssetChange(
            id=request.asset_id,
            status=AssetStatus.READY,
            size_bytes=stored["sizeBytes"],
            checksum=stored["sha256"],
            thumbnail_key=thumbnail.get("key", ""),
            facts=facts,
        ),
    )


def _failure(request: IngestRequest, error: OvenError) -> Outcome:
    told = ImportFailed(asset_id=request.asset_id, status="error", error=error.message, errorCode=error.code)
    return Outcome(
        state=JobState.CANCELLED if error.code is Code.CANCELLED else JobState.FAILED,
        error=error,
        callback=told,
        asset=AssetChange(
            id=request.asset_id,
            status=AssetStatus.FAILED,
            # It may have appeared; whoever removes the asset removes it, too.
            thumbnail_key=f"{request.thumbnails}{THUMBNAIL}",
            error=error.as_json(),
        ),
    )


def _take(request: IngestRequest, limits: Limits) -> Fetch | FetchObject:
    if not request.url:
        return FetchObject(
            name="take", phase="fetch", source=request.target, file="source", max_bytes=limits.media_bytes
        )
    return Fetch(
        name="take",
        phase="fetch",
        url=request.url,
        file="source",
        max_bytes=limits.media_bytes,
        label=request.label,
        timeout_s=limits.image_s if request.type is AssetType.IMAGE else limits.media_s,
        tee=Tee(target=request.target, is_public=False),
    )


def _probe(request: IngestRequest, results: Results, limits: Limits) -> ProbeSource | ProbePicture:
    if request.type is AssetType.IMAGE:
        return ProbePicture(
            name="probe",
            phase="inspect",
            source=SOURCE,
            max_pixels=limits.image_pixels,
            thumbnail=THUMBNAIL,
            width=WIDTH,
            resident_bytes=picture_resident_bytes(
                size_bytes=results["take"]["sizeBytes"], max_pixels=limits.image_pixels
            ),
        )
    return ProbeSource(name="probe", phase="inspect", source=SOURCE)


def _publications(request: IngestRequest, results: Results) -> tuple[Publish, ...]:
    """Let appear what was made of the original, and then that itself, which is at the store already.

    It is the last, for it may replace one that is READY: whatever fails before leaves that as it was.
    """
    pictures = tuple(_publish_picture(request, made, file) for made, file in _pictures(request, results))
    if not request.url or any(picture.name not in results for picture in pictures):
        return pictures
    original = Publish(
        name=f"{PUBLISH}{ORIGINAL}",
        phase="publish",
        source=SOURCE,
        artifact=ORIGINAL,
        target=request.target,
        content_type=results["probe"]["contentType"],
        is_public=False,
    )
    return (*pictures, original)


def _publish_picture(request: IngestRequest, made: str, file: str) -> Publish:
    return Publish(
        name=f"{PUBLISH}{file}",
        phase="publish",
        source=f"{made}/{file}",
        artifact=file.removesuffix(".jpg"),
        target=Target(request.target.bucket, f"{request.thumbnails}{file}"),
        content_type="image/jpeg",
        is_public=False,
    )


def _stills(name: str, source: Source, taking: Taking, *, optional: bool = False) -> Stills:
    return Stills(
        name=name,
        phase="inspect",
        optional=optional,
        source=Link(SOURCE, taking.input),
        arguments=taking.arguments,
        outputs=taking.outputs,
        timeout_s=STILLS_TIMEOUT_S,
        memory_bytes=taking.memory_bytes,
        resident_bytes=decode_resident_bytes(source.size, THREADS, len(taking.outputs)),
    )


def _checked(request: IngestRequest, results: Results) -> Source:
    source = read_source(results["probe"])
    check_source(source, request.type)
    return source


def _pictures(request: IngestRequest, results: Results) -> list[tuple[str, str]]:
    """List the pictures that were made, by the step that made each."""
    match request.type:
        case AssetType.IMAGE:
            return [("probe", THUMBNAIL)]
        case AssetType.AUDIO:
            return []
        case AssetType.VIDEO:
            return [("stills", THUMBNAIL), *((MOMENTS, file) for file in _moments(results))]


def _moments(results: Results) -> Mapping[str, int]:
    """Give the pictures of moments; none where they could not be taken."""
    files: Mapping[str, int] = results.get(MOMENTS, {}).get("files", {})
    return files


def _facts(request: IngestRequest, results: Results) -> Mapping[str, Any]:
    """Tell what the asset is, in the members of its metadata."""
    probe = results["probe"]
    if request.type is AssetType.IMAGE:
        return {IMAGE_FACTS[name]: value for name, value in probe.items() if name in IMAGE_FACTS}
    facts = file_metadata(_checked(request, results), request.type)
    if not request.times_s:
        return facts
    folder = request.thumbnails
    taken = zip(request.times_s, still_files(len(request.times_s))[1:], strict=True)
    made = _moments(results)
    return {
        **facts,
        "thumbnails": [{"time": at, "key": f"{folder}{file}"} for at, file in taken if file in made],
    }


def _warnings(results: Results) -> list[JobWarning]:
    error = results.get(MOMENTS, {}).get("error")
    if not error:
        return []
    return [warn(WarningCode.THUMBNAIL_FAILED, f"there are no pictures of moments: {error['message']}")]


def _artifacts(results: Results) -> tuple[Artifact, ...]:
    """List what was published."""
    return tuple(
        published(name.removeprefix(PUBLISH).removesuffix(".jpg"), result)
        for name, result in results.items()
        if name.startswith(PUBLISH) and "sha256" in result
    )


def _recipe(kind: str, lane: Lane) -> Recipe[IngestRequest]:
    return Recipe(
        kind=kind,
        phases=PHASES,
        read=REQUESTS.validate_python,
        next_steps=next_steps,
        finish=finish,
        lane=lane,
    )


MEDIA = _recipe("import", Lane.IMPORT)
IMAGE = _recipe("image", Lane.IMAGE)
# What kind of job brings an asset of each type.
KINDS = {AssetType.VIDEO: MEDIA.kind, AssetType.AUDIO: MEDIA.kind, AssetType.IMAGE: IMAGE.kind}
