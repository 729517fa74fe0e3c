"""ffmpeg and ffprobe, asked whether what was made is whole, and where in a film a key frame stands."""

from pathlib import Path
from typing import Any

import anyio

from oven.adapters.probing import Ffprobe
from oven.adapters.process import OverdueError, run_child
from oven.adapters.sandbox import Bounds, Sandbox
from oven.domain.errors import BadInputError, Code, FaultError, TransientError
from oven.media import check_argv
from oven.media.pace import number
from oven.media.progress import ProgressReader
from oven.media.streams import MAX_STREAMS, thin_stream
from oven.media.tally import LastKey, Tally
from oven.pipeline.ports import MediaUnreadableError, Report

# A demuxer may land after the instant that it was told; then it is told earlier ones, at last the begin.
STEPS_BACK_S = (0.0, 2.0, 20.0, 1e9)
# A key frame a moment after the instant is the one that is meant: times are rounded by who asks.
TOLERANCE_S = 0.001


async def measure(ffprobe: Ffprobe, file: Path, *, demuxer: str, timeout_s: float) -> dict[str, Any]:
    """Read every packet of a film → what `Measure` gives.

    Raises:
        FaultError: OUTPUT_INVALID.
        TransientError: ENCODER_UNAVAILABLE.

    """
    tally = Tally()
    try:
        described = await ffprobe.ask(check_argv.streams(file.name, demuxer), file.parent)
        packets = check_argv.packets(file.name, demuxer)
        await ffprobe.listen(packets, file.parent, tally.take, timeout_s=timeout_s)
    except MediaUnreadableError as error:
        raise FaultError(Code.OUTPUT_INVALID, "what was made cannot be read", detail=str(error)) from error
    size_bytes = (await anyio.Path(file).stat()).st_size
    streams = [tally.counted(thin_stream(stream)) for stream in described.get("streams", ())[:MAX_STREAMS]]
    return {"sizeBytes": size_bytes, "streams": streams}


async def find_key_frame(ffprobe: Ffprobe, file: Path, *, demuxer: str, stream: int, at_s: float) -> float:
    """Find the last key frame at or before an instant → when it is shown; the begin where there is none.

    Both count in seconds from the file's begin.

    Raises:
        BadInputError: MEDIA_INVALID.
        TransientError: ENCODER_UNAVAILABLE.

    """
    try:
        described = await ffprobe.ask(check_argv.streams(file.name, demuxer), file.parent)
        begin_s = number(described.get("format", {}).get("start_time")) or 0.0
        wanted_s = begin_s + at_s
        for back_s in STEPS_BACK_S:
            found = LastKey(until_s=wanted_s + TOLERANCE_S)
            from_s = max(begin_s, wanted_s - back_s)
            arguments = check_argv.key_packets(
                file.name, demuxer, stream, from_s=from_s, to_s=wanted_s + TOLERANCE_S
            )
            await ffprobe.listen(arguments, file.parent, found.take)
            if found.at_s is not None or from_s == begin_s:
                break
    except MediaUnreadableError as error:
        text = "the film cannot be searched for key frames"
        raise BadInputError(Code.MEDIA_INVALID, text, hint="Trim it exactly.", detail=str(error)) from error
    return max(0.0, (begin_s if found.at_s is None else found.at_s) - begin_s)


async def decode(
    program: str,
    sandbox: Sandbox,
    file: Path,
    *,
    demuxer: str,
    keys_only: bool,
    frames: int,
    timeout_s: float,
    stall_s: float,
    memory_bytes: int,
    threads: int,
    report: Report,
) -> dict[str, Any]:
    """Decode a film to its end → what `Decode` gives.

    Raises:
        FaultError: OUTPUT_INVALID, it cannot be decoded without a complaint.
        TransientError: ENCODE_TIMEOUT, ENCODE_STALLED.

    """
    reader = ProgressReader()
    complaints = 0

    def read(line: str) -> bool:
        moved = reader.read(line)
        if moved:
            report(reader.frames / frames)
        return moved

    def hear(said: str) -> None:
        nonlocal complaints
        complaints += said.count("\n")

    try:
        finished = await run_child(
            [program, *check_argv.decode(file.name, demuxer, keys_only=keys_only, threads=threads)],
            folder=file.parent,
            timeout_s=timeout_s,
            stall_s=stall_s,
            on_line=read,
            on_stderr=hear,
            around=sandbox.around(
                Bounds(memory_bytes=memory_bytes, cpu_s=timeout_s * (threads + 1), file_bytes=0)
            ),
        )
    except OverdueError as error:
        code = Code.ENCODE_STALLED if error.stalled else Code.ENCODE_TIMEOUT
        text = f"proving what was made was stopped: {error}"
        raise TransientError(code, text, detail=error.stderr) from error
    if finished.returncode < 0:
        raise TransientError(
            Code.ENCODE_CRASHED, "ffmpeg was killed before what was made was proved", detail=finished.stderr
        )
    # Of what was copied, the source's own damage is the caller's to hear of, and no fault.
    if finished.returncode != 0 or (complaints and not keys_only):
        raise FaultError(Code.OUTPUT_INVALID, "what was made cannot be decoded", detail=finished.stderr)
    return {"frames": reader.frames, "complaints": complaints}
