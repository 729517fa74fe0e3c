"""How the steps are carried out that ffmpeg and ffprobe are asked for."""

import anyio

from oven.domain.errors import BadInputError, Code, FaultError
from oven.pipeline.bench import Bench, size_of
from oven.pipeline.ports import MediaUnreadableError, OutgrownError, Tools
from oven.recipes.plan import Result
from oven.recipes.steps import Decode, Encode, FindKeyFrame, Measure, Probe, Stills


async def probe(step: Probe, tools: Tools, bench: Bench) -> Result:
    """Ask ffprobe; an unreadable file has the code that the step names."""
    try:
        return await tools.encoder.probe(
            bench.workspace.locate(step.source), demuxer=step.demuxer, sound_s=step.sound_s
        )
    except MediaUnreadableError as error:
        code = Code(step.broken)
        kind = FaultError if code is Code.OUTPUT_INVALID else BadInputError
        raise kind(code, f"{step.label} cannot be read", detail=str(error)) from error


async def take_stills(step: Stills, tools: Tools, bench: Bench) -> Result:
    """Take pictures of a linked source, which goes when it is done."""
    await tools.files.lay_out(
        [(bench.workspace.locate(step.source.source), bench.folder / step.source.file, None)]
    )
    await tools.encoder.take_stills(
        step.arguments, bench.folder, timeout_s=step.timeout_s, memory_bytes=step.memory_bytes, say=bench.say
    )
    await anyio.Path(bench.folder / step.source.file).unlink()
    return {"files": await bench.sizes(step.outputs)}


async def encode(step: Encode, tools: Tools, bench: Bench) -> Result:
    """Run ffmpeg over linked files, which go when it is done."""
    laid_out = [
        (bench.workspace.locate(link.source), bench.folder / link.file, link.time_ns) for link in step.links
    ]
    await tools.files.lay_out(laid_out)
    try:
        made = await _made(step, tools, bench)
    except OutgrownError as error:
        await anyio.Path(bench.folder / step.output).unlink(missing_ok=True)
        made = {"sizeBytes": error.size_bytes, "seconds": error.seconds, "outgrown": True}
    for folder in {destination.parent for _, destination, _ in laid_out} - {bench.folder}:
        await tools.files.remove(folder)
    return made


async def _made(step: Encode, tools: Tools, bench: Bench) -> Result:
    seconds = await tools.encoder.encode(
        step.arguments,
        bench.folder,
        frames=step.frames,
        timeout_s=step.timeout_s,
        stall_s=step.stall_s,
        memory_bytes=step.memory_bytes,
        threads=step.threads,
        broken=Code(step.broken),
        max_bytes=step.max_bytes,
        report=bench.report,
        say=bench.say,
    )
    try:
        size_bytes = await size_of(bench.folder / step.output)
    except FileNotFoundError as error:
        raise FaultError(Code.ENCODE_FAILED, "ffmpeg ended well but made nothing") from error
    made = {"sizeBytes": size_bytes, "seconds": seconds, "ffmpeg": tools.encoder.version}
    return made | ({"extras": await bench.sizes(step.extras)} if step.extras else {})


async def find_key_frame(step: FindKeyFrame, tools: Tools, bench: Bench) -> Result:
    """Find where a cut without an encode can begin."""
    source = bench.workspace.locate(step.source)
    found_s = await tools.encoder.find_key_frame(
        source, demuxer=step.demuxer, stream=step.stream, at_s=step.at_s
    )
    return {"seconds": found_s}


async def decode(step: Decode, tools: Tools, bench: Bench) -> Result:
    """Decode what was made."""
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


async def measure(step: Measure, tools: Tools, bench: Bench) -> Result:
    """Read every packet of what was made."""
    source = bench.workspace.locate(step.source)
    return await tools.encoder.measure(source, demuxer=step.demuxer, timeout_s=step.timeout_s)
