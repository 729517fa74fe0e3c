"""The truth about a finished tape, as it stands in the job's result."""

from collections.abc import Mapping, Sequence
from typing import Any

from oven.domain.errors import Code, OvenError, WarningCode
from oven.domain.job import JobState
from oven.media.encode import Bitrate, Crf, Qp, Quality
from oven.media.facts import read_facts
from oven.media.verify import av_offset
from oven.recipes.plan import Artifact, Limits, Outcome, Results, published
from oven.recipes.tape import Plan
from oven.recipes.tape_callback import Failed
from oven.recipes.tape_metadata import JobWarning, mismatches, warn

COLOR_MEMBERS = ("matrix", "primaries", "transfer", "range")


def report(
    plan: Plan,
    results: Results,
    limits: Limits,
    *,
    made: str,
    passes: Sequence[str],
    quality: Quality,
) -> dict[str, Any]:
    """Give the result in JSON: times in seconds or, where named so, milliseconds; sizes in bytes and pixels.

    `made` names the encode whose file was published, `passes` all that were run for it.
    """
    schedule = plan.schedule
    facts = read_facts(results[f"verify-{made}"])
    offset = av_offset(facts)
    return {
        "videoUrl": results.get("publish-video", {}).get("url"),
        "thumbnailUrl": results.get("publish-thumbnail", {}).get("url"),
        "duration": schedule.duration_s,
        "size": results[made]["sizeBytes"],
        "resolution": list(plan.upscale.output),
        "sourceResolution": list(plan.upscale.source),
        "frames": schedule.slots,
        "rate": str(schedule.rate),
        "sourceFrames": len(plan.tape.frames),
        "droppedFrames": schedule.dropped,
        "repeatedFrames": schedule.repeated,
        "identicalFrames": plan.tape.identical,
        "largestStartErrorMs": round(schedule.largest_start_error_s * 1000, 3),
        "avOffsetMs": offset
        and {"start": round(offset.start_s * 1000, 3), "end": round(offset.end_s * 1000, 3)},
        "encodeSeconds": sum(results[name]["seconds"] for name in passes),
        "encoder": {
            "codec": "libx264",
            "profile": plan.profile.name,
            # Why this one.
            "tones": plan.tones
            and {"equalNeighbours": plan.tones.equal_share, "colors": plan.tones.color_share},
            "preset": plan.profile.preset,
            "quality": plan.quality_number,
            **_quality(quality),
            "x264Params": plan.profile.params(limits.encoder_threads),
            "threads": limits.encoder_threads,
            "passes": len(passes),
            "ffmpeg": results[made]["ffmpeg"],
        },
        "color": dict(zip(COLOR_MEMBERS, facts.video[0].colour, strict=True)),
        "reused": None,
        "warnings": list(_warnings(plan, results, limits, size_bytes=results[made]["sizeBytes"])),
    }


def failure(error: OvenError, callback: Mapping[str, Any]) -> Outcome:
    """End a job by an error, with what its callback says beside it."""
    state = JobState.CANCELLED if error.code is Code.CANCELLED else JobState.FAILED
    told = Failed(status="error", error=error.message, errorCode=error.code)
    return Outcome(state=state, error=error, callback={**callback, **told})


def artifacts(results: Results) -> tuple[Artifact, ...]:
    """List what was published."""
    made = {name: results.get(f"publish-{name}", {}) for name in ("video", "thumbnail")}
    return tuple(published(name, result) for name, result in made.items() if "sha256" in result)


def _quality(quality: Quality) -> dict[str, float]:
    match quality:
        case Crf(value):
            return {"crf": value}
        case Qp(value):
            return {"qp": value}
        case Bitrate(bits_per_second):
            return {"bitrate": bits_per_second}


def _warnings(plan: Plan, results: Results, limits: Limits, *, size_bytes: int) -> tuple[JobWarning, ...]:
    found = [*plan.warnings]
    metadata = results.get("metadata", {})
    if "error" in metadata:
        found.append(warn(WarningCode.METADATA_INVALID, metadata["error"]["message"]))
    found += mismatches(metadata.get("value"), plan.tape.timing)
    unused = plan.tape.unused_pictures
    if unused:
        text = (
            f"{unused} of {len(plan.tape.layout.pictures)} pictures in the archive are not part of the tape"
        )
        found.append(warn(WarningCode.PICTURES_UNUSED, text))
    for step in ("thumbnail", "publish-thumbnail"):
        error = results.get(step, {}).get("error")
        if error:
            found.append(warn(WarningCode.THUMBNAIL_FAILED, f"there is no thumbnail: {error['message']}"))
    if size_bytes > limits.blob_bytes:
        text = f"the video has {size_bytes} bytes; some receivers take at most {limits.blob_bytes}"
        found.append(warn(WarningCode.OVER_BLOB_LIMIT, text))
    return tuple(found)
