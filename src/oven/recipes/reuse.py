"""What an earlier job has made of the same source in the same way: it is copied, not made again."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from oven.recipes import tape_steps as steps
from oven.recipes.plan import Artifact, Limits, Results, published
from oven.recipes.steps import Copy, FindMade, Publish, Step, Target
from oven.recipes.tape import TapeRequest

FIND = "find"
# What a request says that decides about no byte: where its tape is, where the results go, who is told.
BESIDE = frozenset({"url", "path", "video", "thumbnail", "echo", "reuse"})
# How long something may take is no more than that; all other limits count, those to come as well.
TIMES = frozenset({"encode_s", "stall_s", "media_s", "image_s", "export_s", "short_s", "short_keep_s"})


def decisive(kind: str, request: TapeRequest, source_sha256: str, limits: Limits) -> Mapping[str, Any]:
    """Give all that decides what a job makes of its source, and what it says of it; nothing else does.

    But for the code and the tools, which whoever carries it out knows.
    """
    asked = {name: value for name, value in request.as_json().items() if name not in BESIDE}
    return {
        "kind": kind,
        "source": source_sha256,
        "asked": asked | {"hasThumbnail": request.thumbnail is not None},
        "limits": {name: value for name, value in asdict(limits).items() if name not in TIMES},
    }


def again(kind: str, request: TapeRequest, results: Results, limits: Limits) -> tuple[Step, ...]:
    """Give the steps that look for what was made before, and copy it, one after the other.

    None before the source is here, nor once all stands, or it is clear that it has to be made.
    """
    if "take" not in results:
        return ()
    if FIND not in results:
        return (_find(kind, request, results, limits),)
    found = results[FIND].get("found")
    if found is None:
        return ()
    for publish in _publishes(request):
        step = _copy(publish, found["objects"][publish.artifact])
        if step.name not in results:
            return (step,)
        if "error" in results[step.name]:
            break
    return ()


def is_copied(request: TapeRequest, results: Results) -> bool:
    """Whether all that is to be made stands already, copied."""
    return all("sha256" in results.get(_name(publish), {}) for publish in _publishes(request))


def retold(request: TapeRequest, results: Results) -> dict[str, Any]:
    """Give the result of the job that made it, with the addresses of the copies."""
    found = results[FIND]["found"]
    urls = {publish.artifact: results[_name(publish)]["url"] for publish in _publishes(request)}
    return {
        **found["result"],
        "videoUrl": urls["video"],
        "thumbnailUrl": urls.get("thumbnail"),
        "reused": {"jobId": found["jobId"]},
    }


def copies(request: TapeRequest, results: Results) -> tuple[Artifact, ...]:
    """List what was copied."""
    return tuple(published(publish.artifact, results[_name(publish)]) for publish in _publishes(request))


def fingerprint(results: Results) -> str:
    """Give what a later job that would make the same knows this one by; empty where nobody looks."""
    found: str = results.get(FIND, {}).get("fingerprint", "")
    return found


def _find(kind: str, request: TapeRequest, results: Results, limits: Limits) -> FindMade:
    return FindMade(
        name=FIND,
        phase="fetch",
        kind=kind,
        decisive=decisive(kind, request, results["take"]["sha256"], limits),
        targets=tuple((publish.artifact, publish.target) for publish in _publishes(request)),
        may_reuse=request.reuse,
        optional=True,
    )


def _publishes(request: TapeRequest) -> tuple[Publish, ...]:
    """Give what a job that makes all of it publishes, from wherever."""
    video = steps.publish_video("", request.video)
    return (video,) if request.thumbnail is None else (video, steps.publish_thumbnail(request.thumbnail))


def _copy(publish: Publish, made: Mapping[str, Any]) -> Copy:
    return Copy(
        name=_name(publish),
        phase=publish.phase,
        source=Target(made["bucket"], made["key"]),
        size_bytes=made["sizeBytes"],
        sha256=made["sha256"],
        version=made["version"],
        artifact=publish.artifact,
        target=publish.target,
        content_type=publish.content_type,
        is_public=publish.is_public,
        cache_control=publish.cache_control,
        optional=True,
    )


def _name(publish: Publish) -> str:
    return f"copy-{publish.artifact}"
