"""How each kind of step is carried out."""

from pathlib import Path

import anyio

from oven.domain.errors import BadInputError, Code, OvenError, TransientError
from oven.pipeline import media_steps, reuse
from oven.pipeline.bench import Bench, size_of
from oven.pipeline.growing import Growing
from oven.pipeline.ports import Tools
from oven.recipes.plan import Artifact, Result
from oven.recipes.steps import (
    Copy,
    Decode,
    Encode,
    Extract,
    Fetch,
    FetchObject,
    FindKeyFrame,
    FindMade,
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
            return await tools.archives.extract(
                bench.workspace.locate(step.archive),
                {entry: bench.folder / file for entry, file in step.entries},
                max_unpacked_bytes=step.max_unpacked_bytes,
                report=bench.report,
            )
        case ReadJson():
            return await _read_json(step, tools, bench)
        case InspectFrames():
            frames = [
                (bench.workspace.locate(reference), name, bench.folder / file)
                for reference, name, file in step.frames
            ]
            return await tools.pictures.inspect(
                frames,
                max_pixels=step.max_pixels,
                max_bytes=step.max_bytes,
                hold=bench.hold,
                report=bench.report,
            )
        case Probe():
            return await media_steps.probe(step, tools, bench)
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
            return await media_steps.take_stills(step, tools, bench)
        case PlainPicture():
            return await tools.pictures.plain(
                bench.workspace.locate(step.source),
                bench.folder / step.output,
                label=step.label,
                max_pixels=step.max_pixels,
                max_side=step.max_side,
            )
        case FindKeyFrame():
            return await media_steps.find_key_frame(step, tools, bench)
        case Decode():
            return await media_steps.decode(step, tools, bench)
        case Measure():
            return await media_steps.measure(step, tools, bench)
        case Encode():
            return await media_steps.encode(step, tools, bench)
        case Thumbnail():
            output = bench.folder / step.output
            await tools.pictures.thumbnail(
                bench.workspace.locate(step.source),
                output,
                width=step.width,
                height=step.height,
                quality=step.quality,
            )
            return {"sizeBytes": await size_of(output)}
        case Publish():
            return await _publish(step, tools, bench)
        case FindMade():
            return await reuse.find_made(step, tools)
        case Copy():
            return await reuse.copy(step, tools, bench)


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


async def _read_json(step: ReadJson, tools: Tools, bench: Bench) -> Result:
    try:
        return {
            "value": await tools.files.read_json(
                bench.workspace.locate(step.source), max_values=step.max_values
            )
        }
    except ValueError as error:
        raise BadInputError(Code(step.code), f"{step.label} is not JSON: {error}") from error


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
        size_bytes=await size_of(source),
    )
    # A database cannot fence a store: who was replaced must not get further than this.
    await bench.confirm(artifact)
    return reuse.as_published(step, await staged.commit(), tools.storage)
