"""The steps of a tape's way, each made from what is known before it."""

from oven.domain.errors import Code
from oven.media import argv
from oven.media.encode import Quality
from oven.media.facts import read_facts
from oven.media.memory import encode_memory_bytes
from oven.media.resident import frames_resident_bytes, tape_resident_bytes
from oven.media.tape import Layout
from oven.media.verify import check_mp4
from oven.recipes.plan import Limits, Phase, Result, Results
from oven.recipes.steps import (
    Encode,
    Extract,
    Fetch,
    InspectFrames,
    Link,
    ListArchive,
    Probe,
    Publish,
    ReadJson,
    Step,
    TakeLocal,
    Target,
    Thumbnail,
)
from oven.recipes.tape import Plan, Tape, TapeRequest, layout_of, tape_of
from oven.recipes.tape_pictures import pictures

PHASES = (
    Phase("fetch", 5),
    Phase("unpack", 5),
    Phase("inspect", 10),
    Phase("encode", 70),
    Phase("verify", 3),
    Phase("publish", 7),
)
ARCHIVE = "take/tape.zip"
VIDEO = "video.mp4"
# The step that unpacks it.
SOUND = "extract-sound"
THUMBNAIL = "thumbnail.jpg"
# The thumbnail's box in pixels, and its JPEG quality.
THUMBNAIL_SIDE = 512
THUMBNAIL_QUALITY = 90
# Entries beside the frames: sound, times, facts, and what file managers add.
SPARE_ENTRIES = 100
# What timing.json says of a frame, with some to spare, and metadata.json of all: each value is an object.
VALUES_A_FRAME, SPARE_VALUES = 8, 1_000
METADATA_VALUES = 5_000
# A tape that is baked again has the same address: caches may hold the older one so long, an hour.
CACHE_CONTROL = "public, max-age=3600"


def learn(request: TapeRequest, results: Results, limits: Limits) -> tuple[Step, ...]:
    """Give the steps that find out what a tape is; none once all is known.

    Raises:
        BadInputError: as `read_layout` and `tape_of`.

    """
    if "take" not in results:
        return (take(request, limits),)
    if "list" not in results:
        return (list_archive(limits),)
    layout = layout_of(results)
    # The sound comes by itself: while the frames are unpacked, one processor has time to decode it.
    reading: tuple[Step, ...] = (extract(layout, limits), *extract_sound(layout, limits))
    if SOUND in results:
        reading = (*reading, *probe_sound(layout, limits))
    if "extract" in results:
        reading = (*reading, *read_timing(layout, limits), *read_metadata(layout))
        if layout.timing is None or "timing" in results:
            reading = (*reading, inspect(tape_of(results, limits), limits))
    return tuple(step for step in reading if step.name not in results)


def take(request: TapeRequest, limits: Limits) -> Fetch | TakeLocal:
    size = limits.archive_bytes
    if request.url:
        return Fetch(
            name="take", phase="fetch", url=request.url, file="tape.zip", max_bytes=size, may_be_private=True
        )
    return TakeLocal(name="take", phase="fetch", path=request.path, file="tape.zip", max_bytes=size)


def list_archive(limits: Limits) -> ListArchive:
    return ListArchive(
        name="list",
        phase="unpack",
        archive=ARCHIVE,
        max_entries=limits.frames + SPARE_ENTRIES,
        max_unpacked_bytes=limits.unpacked_bytes,
    )


def extract(layout: Layout, limits: Limits) -> Extract:
    return Extract(
        name="extract",
        phase="unpack",
        archive=ARCHIVE,
        entries=tuple((member.entry, member.file) for member in layout.members if member != layout.sound),
        max_unpacked_bytes=limits.unpacked_bytes,
    )


def extract_sound(layout: Layout, limits: Limits) -> tuple[Extract, ...]:
    if layout.sound is None:
        return ()
    return (
        Extract(
            name=SOUND,
            phase="unpack",
            archive=ARCHIVE,
            entries=((layout.sound.entry, layout.sound.file),),
            max_unpacked_bytes=limits.unpacked_bytes,
        ),
    )


def read_timing(layout: Layout, limits: Limits) -> tuple[ReadJson, ...]:
    if layout.timing is None:
        return ()
    source = f"extract/{layout.timing.file}"
    return (
        ReadJson(
            name="timing",
            phase="inspect",
            source=source,
            label="timing.json",
            code=Code.TIMING_INVALID,
            max_values=SPARE_VALUES + VALUES_A_FRAME * limits.frames,
        ),
    )


def read_metadata(layout: Layout) -> tuple[ReadJson, ...]:
    if layout.metadata is None:
        return ()
    return (
        ReadJson(
            name="metadata",
            phase="inspect",
            source=f"extract/{layout.metadata.file}",
            label="metadata.json",
            code=Code.METADATA_INVALID,
            max_values=METADATA_VALUES,
            optional=True,
        ),
    )


def probe_sound(layout: Layout, limits: Limits) -> tuple[Probe, ...]:
    if layout.sound is None:
        return ()
    return (
        Probe(
            name="sound",
            phase="inspect",
            source=f"{SOUND}/{layout.sound.file}",
            label=f"the soundtrack ({layout.sound.name})",
            demuxer=layout.sound_demuxer,
            broken=Code.AUDIO_INVALID,
            sound_s=limits.duration_s,
        ),
    )


def inspect(tape: Tape, limits: Limits) -> InspectFrames:
    return InspectFrames(
        name="inspect",
        phase="inspect",
        frames=tuple((f"extract/{frame.file}", frame.name, frame.file) for frame in tape.frames),
        max_pixels=limits.frame_pixels,
        max_bytes=limits.unpacked_bytes,
    )


def encode(
    name: str,
    plan: Plan,
    quality: Quality,
    limits: Limits,
    *,
    max_bytes: int | None = None,
) -> Encode:
    sound = plan.tape.layout.sound if plan.sound is not None else None
    return Encode(
        name=name,
        phase="encode",
        links=(*pictures(plan), *((Link(f"{SOUND}/{sound.file}", argv.SOUND),) if sound else ())),
        arguments=argv.encode_tape(
            upscale=plan.upscale,
            rate=plan.schedule.rate,
            frames=plan.schedule.slots,
            transparent=plan.is_transparent,
            sound=plan.sound,
            profile=plan.profile,
            quality=quality,
            threads=limits.encoder_threads,
            output=VIDEO,
        ),
        output=VIDEO,
        frames=plan.schedule.slots,
        timeout_s=limits.encode_s,
        stall_s=limits.stall_s,
        memory_bytes=encode_memory_bytes(plan.upscale, limits.encoder_threads),
        threads=limits.encoder_threads,
        max_bytes=max_bytes,
        resident_bytes=tape_resident_bytes(
            plan.upscale, quality, threads=limits.encoder_threads, is_transparent=plan.is_transparent
        ),
    )


def made(
    name: str,
    plan: Plan,
    results: Results,
    limits: Limits,
    *,
    quality: Quality,
    max_bytes: int | None = None,
) -> tuple[Step, ...]:
    """Give what is missing of an encode until it is made and verified: nothing, in the end.

    What outgrew `max_bytes` is not there to be verified.

    Raises:
        FaultError: OUTPUT_INVALID.

    """
    if name not in results:
        return (encode(name, plan, quality, limits, max_bytes=max_bytes),)
    if outgrew(results[name]):
        return ()
    if f"verify-{name}" not in results:
        return (verify(name),)
    check_mp4(read_facts(results[f"verify-{name}"]), plan.expected)
    return ()


def outgrew(result: Result) -> bool:
    """Whether an encode was stopped, for its file was larger than anybody wants."""
    return bool(result.get("outgrown"))


def thumbnail(plan: Plan) -> Thumbnail:
    middle = plan.tape.frames[len(plan.tape.frames) // 2]
    return Thumbnail(
        name="thumbnail",
        phase="encode",
        source=f"inspect/{middle.file}",
        output=THUMBNAIL,
        width=THUMBNAIL_SIDE,
        height=THUMBNAIL_SIDE,
        quality=THUMBNAIL_QUALITY,
        optional=True,
        resident_bytes=frames_resident_bytes(plan.upscale.source, 1),
    )


def verify(made: str) -> Probe:
    """Probe what the encode named `made` has made."""
    return Probe(
        name=f"verify-{made}",
        phase="verify",
        source=f"{made}/{VIDEO}",
        label="the finished video",
        demuxer="mov",
        broken=Code.OUTPUT_INVALID,
    )


def publish_video(made: str, target: Target) -> Publish:
    return Publish(
        name="publish-video",
        phase="publish",
        source=f"{made}/{VIDEO}",
        artifact="video",
        target=target,
        content_type="video/mp4",
        is_public=True,
        cache_control=CACHE_CONTROL,
    )


def publish_thumbnail(target: Target) -> Publish:
    return Publish(
        name="publish-thumbnail",
        phase="publish",
        source=f"thumbnail/{THUMBNAIL}",
        artifact="thumbnail",
        target=target,
        content_type="image/jpeg",
        is_public=True,
        cache_control=CACHE_CONTROL,
        optional=True,
    )
