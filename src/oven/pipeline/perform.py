"""How each kind of step is carried out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import anyio

from oven.domain.errors import BadInputError, Code, FaultError
from oven.pipeline.ports import MediaUnreadableError, Pace, Say, Tools, Workspace
from oven.recipes.plan import (
    Artifact,
    Encode,
    Extract,
    Fetch,
    InspectFrames,
    ListArchive,
    Probe,
    Publish,
    ReadJson,
    Result,
    Step,
    TakeLocal,
    Thumbnail,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where a step works: its own folder, the files of earlier steps, and whom it tells and asks."""

    folder: Path
    workspace: Workspace
    report: Pace
    say: Say
    confirm: Callable[[Artifact], Awaitable[None]]


async def perform(step: Step, tools: Tools, bench: Bench) -> Result:  # noqa: C901, PLR0911 - one a kind
    """Carry out one step → its result in JSON.

    Raises:
        OvenError: why it could not be done.

    """
    match step:
        case TakeLocal():
            return await tools.files.adopt(
                Path(step.path), bench.folder / step.file, max_bytes=step.max_bytes
            )
        case Fetch():
            return await tools.fetcher.fetch(
                step.url, bench.folder / step.file, max_bytes=step.max_bytes, report=bench.report
            )
        case ListArchive():
            archive = bench.workspace.locate(step.archive)
            entries = await tools.archives.entries(
                archive, max_entries=step.max_entries, max_unpacked_bytes=step.max_unpacked_bytes
            )
            return {"entries": entries}
        case Extract():
            written = await tools.archives.extract(
                bench.workspace.locate(step.archive),
                {entry: bench.folder / file for entry, file in step.entries},
                max_unpacked_bytes=step.max_unpacked_bytes,
                report=bench.report,
            )
            return {"sizeBytes": written}
        case ReadJson():
            return await _read_json(step, tools, bench)
        case InspectFrames():
            frames = [
                (bench.workspace.locate(reference), name, bench.folder / file)
                for reference, name, file in step.frames
            ]
            return await tools.pictures.inspect(
                frames, max_pixels=step.max_pixels, max_bytes=step.max_bytes, report=bench.report
            )
        case Probe():
            return await _probe(step, tools, bench)
        case Encode():
            return await _encode(step, tools, bench)
        case Thumbnail():
            output = bench.folder / step.output
            await tools.pictures.thumbnail(
                bench.workspace.locate(step.source),
                output,
                width=step.width,
                height=step.height,
                quality=step.quality,
            )
            return {"sizeBytes": await _size(output)}
        case Publish():
            return await _publish(step, tools, bench)


async def _read_json(step: ReadJson, tools: Tools, bench: Bench) -> Result:
    try:
        return {
            "value": await tools.files.read_json(
                bench.workspace.locate(step.source), max_values=step.max_values
            )
        }
    except ValueError as error:
        raise BadInputError(Code(step.code), f"{step.label} is not JSON: {error}") from error


async def _probe(step: Probe, tools: Tools, bench: Bench) -> Result:
    try:
        return await tools.encoder.probe(
            bench.workspace.locate(step.source), demuxer=step.demuxer, sound_s=step.sound_s
        )
    except MediaUnreadableError as error:
        code = Code(step.broken)
        kind = FaultError if code is Code.OUTPUT_INVALID else BadInputError
        raise kind(code, f"{step.label} cannot be read", detail=str(error)) from error


async def _encode(step: Encode, tools: Tools, bench: Bench) -> Result:
    laid_out = [
        (bench.workspace.locate(link.source), bench.folder / link.file, link.time_ns) for link in step.links
    ]
    await tools.files.lay_out(laid_out)
    seconds = await tools.encoder.encode(
        step.arguments,
        bench.folder,
        frames=step.frames,
        timeout_s=step.timeout_s,
        stall_s=step.stall_s,
        memory_bytes=step.memory_bytes,
        threads=step.threads,
        report=bench.report,
        say=bench.say,
    )
    for folder in {destination.parent for _, destination, _ in laid_out} - {bench.folder}:
        await tools.files.remove(folder)
    try:
        size_bytes = await _size(bench.folder / step.output)
    except FileNotFoundError as error:
        raise FaultError(Code.ENCODE_FAILED, "ffmpeg ended well but made nothing") from error
    return {"sizeBytes": size_bytes, "seconds": seconds, "ffmpeg": tools.encoder.version}


async def _publish(step: Publish, tools: Tools, bench: Bench) -> Result:
    storing = tools.storage.stage(
        step.target,
        content_type=step.content_type,
        is_public=step.is_public,
        cache_control=step.cache_control,
    )
    async with storing as staged:
        source = bench.workspace.locate(step.source)
        await staged.write(source)
        artifact = Artifact(
            name=step.artifact,
            target=step.target,
            content_type=step.content_type,
            is_public=step.is_public,
            size_bytes=await _size(source),
        )
        # A database cannot fence a store: who was replaced must not get further than this.
        await bench.confirm(artifact)
        stored = await staged.commit()
    return {
        "bucket": step.target.bucket,
        "key": step.target.key,
        "url": tools.storage.url(step.target),
        "contentType": step.content_type,
        "isPublic": step.is_public,
        "sizeBytes": stored.size_bytes,
        "sha256": stored.sha256,
    }


async def _size(file: Path) -> int:
    return (await anyio.Path(file).stat()).st_size
