"""ffmpeg and ffprobe, as children."""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import anyio

from oven.adapters import made_media
from oven.adapters.boxes import top_level_boxes
from oven.adapters.ffmpeg_errors import STILLS, failure, failure_with_source, overdue
from oven.adapters.glancing import packets_around
from oven.adapters.probing import NOT_RUNNABLE, Ffprobe, probe_source
from oven.adapters.process import AWAITED_NICENESS, NICENESS, OverdueError, run_child
from oven.adapters.sandbox import Bounds, Sandbox
from oven.domain.errors import BadInputError, Code, FaultError
from oven.media import argv
from oven.media.encoders import SOUND_ENCODERS, VIDEO_ENCODERS
from oven.media.glance import Around, Extent
from oven.media.progress import ProgressReader
from oven.pipeline.ports import OutgrownError, Pace, Report, Say

OLDEST = (5, 1)
ENCODERS = ("libx264", "aac")
# What exports may ask for besides.
EXPORT_ENCODERS = (*VIDEO_ENCODERS.values(), *SOUND_ENCODERS.values(), "mjpeg", "png", "libwebp")
SPARE_THREADS = 2
ANSWER_TIMEOUT_S = 10.0
INSTALL = "Install ffmpeg (apt-get install ffmpeg), or set OVEN_FFMPEG and OVEN_FFPROBE."


@dataclass(frozen=True, slots=True, kw_only=True)
class Ffmpeg:
    """The `Encoder` port; `ffmpeg` and `ffprobe` are programs' names or paths."""

    ffmpeg: str
    ffprobe: str
    version: str
    sandbox: Sandbox

    @classmethod
    async def find(cls, ffmpeg: str, ffprobe: str, sandbox: Sandbox) -> Self:
        """Start both programs once, to know that they are there and which version they are.

        Raises:
            FaultError: ENCODER_UNAVAILABLE.

        """
        await program_version(ffprobe)
        version = await program_version(ffmpeg)
        return cls(ffmpeg=ffmpeg, ffprobe=ffprobe, version=version, sandbox=sandbox)

    async def encode(
        self,
        arguments: Sequence[str],
        folder: Path,
        *,
        frames: int,
        timeout_s: float,
        stall_s: float,
        memory_bytes: int,
        threads: int,
        broken: Code = Code.ENCODE_FAILED,
        max_bytes: int | None = None,
        report: Pace,
        say: Callable[[str], None],
    ) -> float:
        reader, began = ProgressReader(), anyio.current_time()
        enough = anyio.CancelScope()

        def read(line: str) -> bool:
            moved = reader.read(line)
            if moved:
                report(reader.frames / frames, reader.speed)
            if max_bytes is not None and reader.size_bytes > max_bytes:
                enough.cancel()
            return moved

        say(f"ffmpeg {self.version}: {shlex.join(arguments)}\n")
        finished = None
        try:
            with enough:
                finished = await run_child(
                    [self.ffmpeg, *arguments],
                    folder=folder,
                    timeout_s=timeout_s,
                    stall_s=stall_s,
                    on_line=read,
                    on_stderr=say,
                    # Decoder, filters and encoder may each be busy on so many processors, and a little more.
                    around=self.sandbox.around(
                        Bounds(memory_bytes=memory_bytes, cpu_s=timeout_s * (threads + SPARE_THREADS))
                    ),
                )
        except OverdueError as error:
            raise overdue(error) from error
        if finished is None:
            say(f"stopped at {reader.size_bytes} bytes, for more than {max_bytes} are not wanted\n")
            raise OutgrownError(size_bytes=reader.size_bytes, seconds=anyio.current_time() - began)
        if finished.returncode != 0:
            raise failure_with_source(finished, broken)
        return finished.seconds

    async def probe(self, file: Path, *, demuxer: str, sound_s: float | None) -> dict[str, Any]:
        arguments = argv.probe(file.name, demuxer=demuxer, sound_s=sound_s)
        facts = await self._prober.ask(arguments, file.parent)
        if demuxer == "mov":
            facts["boxes"] = await anyio.to_thread.run_sync(top_level_boxes, file)
        return facts

    async def probe_source(self, file: Path) -> dict[str, Any]:
        return await probe_source(self._prober, file)

    async def take_stills(
        self,
        arguments: Sequence[str],
        folder: Path,
        *,
        timeout_s: float,
        memory_bytes: int,
        say: Say,
        is_awaited: bool = False,
    ) -> None:
        say(f"ffmpeg {self.version}: {shlex.join(arguments)}\n")
        bounds = Bounds(memory_bytes=memory_bytes, cpu_s=timeout_s * SPARE_THREADS)
        try:
            finished = await run_child(
                [self.ffmpeg, *arguments],
                folder=folder,
                timeout_s=timeout_s,
                on_stderr=say,
                around=self.sandbox.around(bounds),
                niceness=AWAITED_NICENESS if is_awaited else NICENESS,
            )
        except OverdueError as error:
            raise overdue(error, STILLS) from error
        if finished.returncode > 0 and finished.returncode not in NOT_RUNNABLE:
            found = failure(finished, STILLS)
            if found.code is not Code.ENCODE_FAILED:
                raise found
            text = "no picture of the video can be decoded"
            raise BadInputError(Code.MEDIA_INVALID, text, detail=finished.stderr)
        if finished.returncode != 0:
            raise failure(finished, STILLS)

    async def find_key_frame(self, file: Path, *, demuxer: str, stream: int, at_s: float) -> float:
        return await made_media.find_key_frame(self._prober, file, demuxer=demuxer, stream=stream, at_s=at_s)

    async def packets_around(
        self,
        file: Path,
        *,
        demuxer: str,
        stream: int,
        middle_s: float,
        until_s: float,
        extent: Extent,
    ) -> Around:
        return await packets_around(
            self._prober,
            file,
            demuxer=demuxer,
            stream=stream,
            middle_s=middle_s,
            until_s=until_s,
            extent=extent,
        )

    async def measure(self, file: Path, *, demuxer: str, timeout_s: float) -> Mapping[str, Any]:
        return await made_media.measure(self._prober, file, demuxer=demuxer, timeout_s=timeout_s)

    async def decode(
        self,
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
    ) -> Mapping[str, Any]:
        return await made_media.decode(
            self.ffmpeg,
            self.sandbox,
            file,
            demuxer=demuxer,
            keys_only=keys_only,
            frames=frames,
            timeout_s=timeout_s,
            stall_s=stall_s,
            memory_bytes=memory_bytes,
            threads=threads,
            report=report,
        )

    @property
    def _prober(self) -> Ffprobe:
        return Ffprobe(program=self.ffprobe, sandbox=self.sandbox)


async def program_version(program: str) -> str:
    """Ask a program of the ffmpeg family for its version.

    Raises:
        FaultError: ENCODER_UNAVAILABLE.

    """
    said = await _said(program, "-version")
    found = re.search(r"version (\S+)", said)
    if found is None:
        raise FaultError(
            Code.ENCODER_UNAVAILABLE, f"{program} does not say which version of ffmpeg it is", hint=INSTALL
        )
    version = found[1]
    numbers = re.match(r"n?(\d+)\.(\d+)", version)
    # A build from source may carry a date or a commit instead of a number; it is taken as new.
    if numbers and (int(numbers[1]), int(numbers[2])) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise FaultError(
            Code.ENCODER_UNAVAILABLE, f"{program} is version {version}; {oldest} or newer is needed"
        )
    return version


async def missing_encoders(program: str, wanted: Sequence[str] = ENCODERS) -> list[str]:
    """Name the encoders that this ffmpeg lacks, of those that are wanted.

    Raises:
        FaultError: ENCODER_UNAVAILABLE.

    """
    said = await _said(program, "-encoders")
    known = {words[1] for line in said.splitlines() if len(words := line.split()) > 1}
    return [encoder for encoder in wanted if encoder not in known]


async def try_encoder(program: str, encoder: str) -> float:
    """Encode a frame of nothing → the seconds it took; one that is listed may still not work here.

    Raises:
        OvenError: ENCODE_FAILED, ENCODE_CRASHED, ENCODE_TIMEOUT, ENCODER_UNAVAILABLE.

    """
    try:
        finished = await run_child(
            [program, *argv.trial(encoder)], folder=Path("/"), timeout_s=ANSWER_TIMEOUT_S
        )
    except OverdueError as error:
        raise overdue(error) from error
    if finished.returncode != 0:
        raise failure(finished)
    return finished.seconds


async def _said(program: str, option: str) -> str:
    lines: list[str] = []

    def read(line: str) -> bool:
        lines.append(line)
        return True

    reason, detail = "cannot be started", ""
    try:
        finished = await run_child(
            [program, "-hide_banner", option], folder=Path("/"), timeout_s=ANSWER_TIMEOUT_S, on_line=read
        )
        if finished.returncode == 0:
            return "\n".join(lines)
        detail = finished.stderr
        if finished.returncode not in NOT_RUNNABLE:
            reason = "does not answer as an ffmpeg does"
    except OverdueError as error:
        reason = f"did not answer for {error.after_s:g} s"
    raise FaultError(Code.ENCODER_UNAVAILABLE, f"{program} {reason}", hint=INSTALL, detail=detail)
