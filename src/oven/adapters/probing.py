"""ffprobe, asked what a stranger's file is."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anyio.to_thread
import orjson

from oven.adapters.boxes import walk_boxes
from oven.adapters.os_errors import translated
from oven.adapters.process import NICENESS, Finished, OverdueError, run_child
from oven.adapters.sandbox import Bounds, Sandbox
from oven.domain.errors import BadInputError, Code, TransientError
from oven.media import source_argv
from oven.media.containers import HEAD_BYTES, Container, container_of
from oven.media.pace import Measure, number, packet_times_s
from oven.media.probed import wants_measure
from oven.media.refusals import encrypted, unreadable, unsupported
from oven.media.streams import MAX_STREAMS, hdr_of, is_encrypted, main_stream, thin_stream
from oven.media.wholeness import check_boxes, check_head
from oven.pipeline.ports import MediaUnreadableError

TIMEOUT_S = 60.0
# ffprobe decodes few pictures, and writes nothing.
BOUNDS = Bounds(memory_bytes=1 << 30, cpu_s=TIMEOUT_S, file_bytes=0)
# Even of a thousand streams an answer is smaller.
MAX_ANSWER_CHARS = 4 << 20
# A film of a day, in fragments of a second.
MAX_BOXES = 200_000
# What a shell, and setpriv, answer when the program is not there or may not run.
NOT_RUNNABLE = {126, 127}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ffprobe:
    """ffprobe within bounds; `program` is its name or path."""

    program: str
    sandbox: Sandbox

    async def ask(self, arguments: Sequence[str], folder: Path) -> dict[str, Any]:
        """Run it in `folder` → the JSON that it answers.

        Raises:
            MediaUnreadableError: it could make nothing of the file.
            TransientError: ENCODER_UNAVAILABLE.

        """
        said: list[str] = []
        room = MAX_ANSWER_CHARS

        def read(line: str) -> bool:
            nonlocal room
            room -= len(line)
            if room >= 0:
                said.append(line)
            return True

        await self.listen(arguments, folder, read)
        try:
            facts = orjson.loads("\n".join(said))
        except orjson.JSONDecodeError as error:
            raise MediaUnreadableError(f"ffprobe did not answer in JSON: {error}") from error
        if not isinstance(facts, dict):
            raise MediaUnreadableError("ffprobe did not answer with an object")
        return facts

    async def listen(
        self,
        arguments: Sequence[str],
        folder: Path,
        on_line: Callable[[str], bool],
        *,
        timeout_s: float | None = None,
        niceness: int = NICENESS,
    ) -> None:
        """Run it in `folder`, for so long at most, and hear each line that it answers.

        Without a `timeout_s` it may take as long as any question; `niceness` as of `run_child`.

        Raises:
            MediaUnreadableError: it could make nothing of the file.
            TransientError: ENCODER_UNAVAILABLE.

        """
        limit_s = TIMEOUT_S if timeout_s is None else timeout_s
        try:
            finished = await run_child(
                [self.program, *arguments],
                folder=folder,
                timeout_s=limit_s,
                on_line=on_line,
                around=self.sandbox.around(replace(BOUNDS, cpu_s=limit_s)),
                niceness=niceness,
            )
        except OverdueError as error:
            raise MediaUnreadableError(str(error)) from error
        if finished.returncode in NOT_RUNNABLE:
            raise not_runnable(finished)
        if finished.returncode != 0:
            raise MediaUnreadableError(finished.stderr)


def not_runnable(finished: Finished) -> TransientError:
    """Make the error of a program that is not there, or may not run."""
    detail = f"exit status {finished.returncode}: {finished.stderr}"
    return TransientError(Code.ENCODER_UNAVAILABLE, "ffmpeg cannot be started", detail=detail)


async def probe_source(ffprobe: Ffprobe, file: Path) -> dict[str, Any]:
    """Find out what a stranger's file of video or sound is → what `media.source` reads.

    Raises:
        BadInputError: MEDIA_UNSUPPORTED, MEDIA_INVALID, MEDIA_TRUNCATED, MEDIA_ENCRYPTED.
        TransientError: ENCODER_UNAVAILABLE.

    """
    container, size_bytes = await anyio.to_thread.run_sync(_look_at, file)
    try:
        return await _probe(ffprobe, file, container, size_bytes)
    except MediaUnreadableError as error:
        raise unreadable(container, detail=str(error)) from error


def _look_at(file: Path) -> tuple[Container, int]:
    """Tell the kind of a file, and that it is as long as it says → its container, its size in bytes."""
    with translated("looking at a file"):
        with file.open("rb") as opened:
            head = opened.read(HEAD_BYTES)
        size_bytes = file.stat().st_size
        container = container_of(head)
        if container is None:
            raise unsupported(head)
        check_head(head, size_bytes)
        if container.demuxer == "mov":
            boxes = walk_boxes(file, MAX_BOXES)
            check_boxes(boxes, size_bytes, is_walked=len(boxes) < MAX_BOXES)
    return container, size_bytes


async def _probe(ffprobe: Ffprobe, file: Path, container: Container, size_bytes: int) -> dict[str, Any]:
    folder, about = file.parent, (file.name, container.demuxer)
    described = await ffprobe.ask(source_argv.describe(*about), folder)
    probe: dict[str, Any] = {
        "container": container.name,
        "demuxer": container.demuxer,
        "contentType": container.content_type,
        "sizeBytes": size_bytes,
        "streams": [thin_stream(stream) for stream in described.get("streams", ())[:MAX_STREAMS]],
        "format": described.get("format", {}),
        "packets": [],
        "decoded": None,
        "measured": None,
    }
    main = main_stream(probe["streams"])
    if main is None:
        raise BadInputError(
            Code.MEDIA_INVALID, "the file holds neither pictures nor sound", hint="Make it again."
        )
    index = int(main["index"])
    # Pictures are proved when some are taken; sound is so here, or nowhere.
    is_sound = main["codec_type"] == "audio"
    answer = await ffprobe.ask(source_argv.first_packets(*about, index, decode=is_sound), folder)
    packets = answer.get("packets", ())
    if is_encrypted(probe["streams"], packets):
        raise encrypted()
    probe["packets"] = packet_times_s(packets)
    if not packets:
        raise BadInputError(
            Code.MEDIA_INVALID,
            f"the file has a header, but no {'sound' if is_sound else 'pictures'}",
            hint="Make it again.",
        )
    if is_sound:
        probe["decoded"] = _share_decoded(answer)
    if wants_measure(probe):
        probe["measured"] = await _measure(ffprobe, source_argv.all_packets(*about, index), folder)
    if hdr_of(main) == "pq":
        # Whether it is HDR10 may stand in the pictures alone.
        beside = await _beside_first_frame(ffprobe, source_argv.first_frame(*about, index), folder)
        main["side_data_list"].extend(beside)
    return probe


def _share_decoded(answer: Mapping[str, Any]) -> float:
    """Give how many frames came of a packet, one at most; 0 also where no decoder is there to try."""
    frames = sum(number(stream.get("nb_read_frames")) or 0 for stream in answer.get("streams", ())[:1])
    return min(1.0, frames / len(answer["packets"]))


async def _measure(ffprobe: Ffprobe, arguments: Sequence[str], folder: Path) -> dict[str, Any] | None:
    """Read all packets of a stream, where nothing else tells how long it is → {"seconds", "packets"}."""
    measure = Measure()
    try:
        await ffprobe.listen(arguments, folder, measure.take)
    except MediaUnreadableError:
        # Too large for this, or broken at its end: what has been read counts only if there is all of it.
        return None
    return (
        {"seconds": measure.seconds, "packets": measure.packets} if math.isfinite(measure.seconds) else None
    )


async def _beside_first_frame(
    ffprobe: Ffprobe, arguments: Sequence[str], folder: Path
) -> list[dict[str, Any]]:
    """Give what stands beside the first picture; nothing where it is damaged, or too large for this."""
    try:
        answer = await ffprobe.ask(arguments, folder)
    except MediaUnreadableError:
        return []
    beside = [datum for frame in answer.get("frames", ()) for datum in frame.get("side_data_list", ())]
    thin: list[dict[str, Any]] = thin_stream({"side_data_list": beside})["side_data_list"]
    return thin
