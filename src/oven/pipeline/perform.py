"""How each kind of step is carried out."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import anyio

from oven.domain.errors import BadInputError, Code, FaultError, OvenError, TransientError
from oven.pipeline.growing import Growing
from oven.pipeline.ports import MediaUnreadableError, Pace, Say, Tools
from oven.pipeline.staging import Staging
from oven.pipeline.workspaces import Workspace
from oven.recipes.plan import Artifact, Result
from oven.recipes.steps import (
    Decode,
    Encode,
    Extract,
    Fetch,
    FetchObject,
    FindKeyFrame,
    InspectFrames,
    ListArchive,
    Measure,
    PlainPicture,
    Probe,
    ProbePicture,
    ProbeSource,
    Publish,
    ReadJson,
    Step,
    Stills,
    TakeLocal,
    Tee,
    Thumbnail,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where a step works: its own folder, the files of earlier steps, and whom it tells and asks.

    `span` takes note of a part of the step by its name; `staging` holds what is on its way into a store.
    """

    folder: Path
    workspace: Workspace
    report: Pace
    say: Say
    confirm: Callable[[Artifact], Awaitable[None]]
    staging: Staging
    span: Callable[[str], AbstractContextManager[None]]


async def perform(step: Step, tools: Tools, bench: Bench) -> Result:  # noqa: C901, PLR0911, PLR0912 - one a kind
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
            return await _fetch(step, tools, bench)
        case FetchObject():
            with bench.span("download"):
                return await tools.storage.fetch(
                    step.source, bench.folder / step.file, max_bytes=step.max_bytes, report=bench.report
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
        case ProbeSource():
            return await tools.encoder.probe_source(bench.workspace.locate(step.source))
        case ProbePicture():
            return await tools.pictures.probe(
                bench.workspace.locate(step.source),
                max_pixels=step.max_pixels,
                thumbnail=bench.folder / step.thumbnail,
                width=step.width,
            )
        case Stills():
            return await _stills(step, tools, bench)
        case PlainPicture():
            return await tools.pictures.plain(
                bench.workspace.locate(step.source),
                bench.folder / step.output,
                label=step.label,
                max_pixels=step.max_pixels,
                max_side=step.max_side,
            )
        case FindKeyFrame():
            return {
                "seconds": await tools.encoder.find_key_frame(
                    bench.workspace.locate(step.source),
                    demuxer=step.demuxer,
                    stream=step.stream,
                    at_s=step.at_s,
                )
            }
        case Decode():
            return await tools.encoder.decode(
                bench.workspace.locate(step.source),
                demuxer=step.demuxer,
                keys_only=step.keys_only,
                frames=step.frames,
                timeout_s=step.timeout_s,
                stall_s=step.stall_s,
                memory_bytes=step.memory_bytes,
                threads=step.threads,
                report=bench.report,
            )
        case Measure():
            return await tools.encoder.measure(
                bench.workspace.locate(step.source), demuxer=step.demuxer, timeout_s=step.timeout_s
            )
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


async def _fetch(step: Fetch, tools: Tools, bench: Bench) -> Result:
    """Fetch a file, and send it on while it comes."""
    into, growing = bench.folder / step.file, Growing()

    async def download() -> Result:
        with bench.span("download"):
            return await tools.fetcher.fetch(
                step.url,
                into,
                label=step.label,
                max_bytes=step.max_bytes,
                timeout_s=step.timeout_s,
                may_be_private=step.may_be_private,
                growing=growing,
                report=bench.report,
            )

    if step.tee is None:
        return await download()
    failures: list[OvenError] = []
    result: Result = {}
    async with anyio.create_task_group() as group:

        async def upload(tee: Tee) -> None:
            try:
                with bench.span("upload"):
                    await bench.staging.follow(tee, into, growing)
            except TransientError as error:
                # The file is not lost with it: it is sent again when it is published.
                bench.say(f"the upload broke off: {error.message}\n")
            except OvenError as error:
                failures.append(error)
                group.cancel_scope.cancel()

        group.start_soon(upload, step.tee)
        try:
            result = await download()
            growing.end()
        except OvenError as error:
            failures.append(error)
            group.cancel_scope.cancel()
    # A task group would wrap it: raised outside.
    if failures:
        raise failures[0]
    return result


async def _stills(step: Stills, tools: Tools, bench: Bench) -> Result:
    await tools.files.lay_out(
        [(bench.workspace.locate(step.source.source), bench.folder / step.source.file, None)]
    )
    await tools.encoder.take_stills(
        step.arguments, bench.folder, timeout_s=step.timeout_s, memory_bytes=step.memory_bytes, say=bench.say
    )
    await anyio.Path(bench.folder / step.source.file).unlink()
    return {"files": await _sizes(bench.folder, step.outputs)}


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
    """Run ffmpeg over linked files, which go when it is done."""
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
        broken=Code(step.broken),
        report=bench.report,
        say=bench.say,
    )
    for folder in {destination.parent for _, destination, _ in laid_out} - {bench.folder}:
        await tools.files.remove(folder)
    try:
        size_bytes = await _size(bench.folder / step.output)
    except FileNotFoundError as error:
        raise FaultError(Code.ENCODE_FAILED, "ffmpeg ended well but made nothing") from error
    made = {"sizeBytes": size_bytes, "seconds": seconds, "ffmpeg": tools.encoder.version}
    return made | ({"extras": await _sizes(bench.folder, step.extras)} if step.extras else {})


async def _publish(step: Publish, tools: Tools, bench: Bench) -> Result:
    source = bench.workspace.locate(step.source)
    staged = bench.staging.held(step.target)
    if staged is None:
        staged = await bench.staging.stage(
            step.target,
            content_type=step.content_type,
            is_public=step.is_public,
            cache_control=step.cache_control,
        )
        with bench.span("upload"):
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


async def _sizes(folder: Path, files: Sequence[str]) -> Mapping[str, int]:
    """Give the sizes of those files that are there."""
    made = {file: folder / file for file in files}
    return {file: await _size(path) for file, path in made.items() if await anyio.Path(path).is_file()}


async def _size(file: Path) -> int:
    return (await anyio.Path(file).stat()).st_size
