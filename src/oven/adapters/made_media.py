"""ffmpeg and ffprobe, asked whether what was made is whole, and where in a film a key frame stands."""

import math
from pathlib import Path
from typing import Any

import anyio

from oven.adapters.ffmpeg_errors import PROOF, failure, overdue
from oven.adapters.probing import Ffprobe
from oven.adapters.process import OverdueError, run_child
from oven.adapters.sandbox import Bounds, Sandbox
from oven.domain.errors import BadInputError, Code, FaultError
from oven.media import check_argv
from oven.media.pace import number
from oven.media.progress import ProgressReader
from oven.media.streams import MAX_STREAMS, thin_stream
from oven.media.tally import Keys, Tally
from oven.pipeline.ports import MediaUnreadableError, Report

# A demuxer may land after the instant that it was told; then it is told earlier ones, and at last it reads
# from the begin.
STEPS_BACK_S = (0.0, 2.0, 20.0, math.inf)
# A key frame a moment after the instant is the one that is meant: times are rounded by who asks.
TOLERANCE_S = 0.001


async def measure(ffprobe: Ffprobe, file: Path, *, demuxer: str, timeout_s: float) -> dict[str, Any]:
    """Read every packet of a film → what `Measure` gives.

    Raises:
        FaultError: OUTPUT_INVALID.
        TransientError: ENCODE_TIMEOUT, ENCODER_UNAVAILABLE.

    """
    tally = Tally()
    try:
        described = await ffprobe.ask(check_argv.streams(file.name, demuxer), file.parent)
        packets = check_argv.packets(file.name, demuxer)
        await ffprobe.listen(packets, file.parent, tally.take, timeout_s=timeout_s)
    except MediaUnreadableError as error:
        # What took too long says nothing of the film.
        if isinstance(error.__cause__, OverdueError):
            raise overdue(error.__cause__, PROOF) from error
        raise FaultError(Code.OUTPUT_INVALID, "what was made cannot be read", detail=str(error)) from error
    size_bytes = (await anyio.Path(file).stat()).st_size
    streams = [tally.counted(thin_stream(stream)) for stream in described.get("streams", ())[:MAX_STREAMS]]
    return {"sizeBytes": size_bytes, "streams": streams}


async def find_key_frame(ffprobe: Ffprobe, file: Path, *, demuxer: str, stream: int, at_s: float) -> float:
    """Find the last key frame at or before an instant → when it is shown; where there is none, the first.

    Both count in seconds from the file's begin, which is the format's `start_time`, as ffmpeg counts; what is
    not shown, since it stands before that, counts as the begin.

    Raises:
        BadInputError: MEDIA_INVALID.
        TransientError: ENCODER_UNAVAILABLE.

    """
    about, folder = (file.name, demuxer), file.parent
    try:
        described = await ffprobe.ask(check_argv.streams(*about), folder)
        begin_s = number(described.get("format", {}).get("start_time")) or 0.0
        until_s = begin_s + at_s + TOLERANCE_S
        found_s = None
        for back_s in STEPS_BACK_S:
            from_s = begin_s + at_s - back_s if back_s < at_s else None
            keys = Keys(until_s)
            asked = check_argv.key_packets(*about, stream, from_s=from_s, to_s=until_s)
            await ffprobe.listen(asked, folder, keys.take)
            found_s = keys.last_s
            if found_s is not None or from_s is None:
                break
        if found_s is None:
            keys = Keys()
            await ffprobe.listen(check_argv.first_packets(*about, stream), folder, keys.take)
            found_s = keys.first_s
    except MediaUnreadableError as error:
        text = "the film cannot be searched for key frames"
        raise BadInputError(Code.MEDIA_INVALID, text, hint="Trim it exactly.", detail=str(error)) from error
    return 0.0 if found_s is None else max(0.0, found_s - begin_s)


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
        TransientError: ENCODE_TIMEOUT, ENCODE_STALLED, ENCODE_OOM, ENCODE_CRASHED, ENCODER_UNAVAILABLE.

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
        raise overdue(error, PROOF) from error
    if finished.returncode != 0:
        found = failure(finished, PROOF)
        if found.code is not Code.ENCODE_FAILED:
            raise found
    # Of what was copied, the source's own damage is the caller's to hear of, and no fault.
    if finished.returncode != 0 or (complaints and not keys_only):
        raise FaultError(Code.OUTPUT_INVALID, "what was made cannot be decoded", detail=finished.stderr)
    return {"frames": reader.frames, "complaints": complaints}
