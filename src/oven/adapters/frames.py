"""Strangers' pictures: headers are read here, pixels only in children."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio

from oven.adapters.decoding import ask_child
from oven.adapters.sandbox import Bounds, Sandbox
from oven.domain.errors import BadInputError, Code, FaultError, OvenError
from oven.domain.text import printable
from oven.media.geometry import Size
from oven.media.memory import picture_memory_bytes
from oven.media.png import HEADER_BYTES, read_size
from oven.media.resident import frames_resident_bytes
from oven.media.tones import looked_at
from oven.pipeline.budget import Hold
from oven.pipeline.ports import Report

# Frame after frame needs the same memory: giving it back in between, as C libraries do, takes half the time.
KEEPING_MEMORY = ("env", "MALLOC_TRIM_THRESHOLD_=268435456", "MALLOC_MMAP_THRESHOLD_=33554432")
CHILD = (*KEEPING_MEMORY, sys.executable, "-I", "-m", "oven.adapters.frame_child")
# A child costs a tenth of a second to start; below this many frames a second one does not pay.
FRAMES_WORTH_A_CHILD = 60
# The largest frame with 16 bits a sample has 134 MB, and is held three times at most.
MEMORY_BYTES = 1 << 30
PICTURE_CHILD = (sys.executable, "-I", "-m", "oven.adapters.picture_child")
# How long one picture may be decoded.
PICTURE_S = 120.0
# Nothing but a thumbnail, or a plain picture, is written.
THUMBNAIL_BYTES = 64 << 20
# RGBA that cannot be compressed, and what stands around it.
PLAIN_BYTES_A_PIXEL, PLAIN_FIXED_BYTES = 5, 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildPictures:
    """The `Pictures` port, by Pillow in children.

    `children` is how many decode side by side, `timeout_s` how long each may take, `stall_s` how long
    each may go without a frame.
    """

    children: int
    timeout_s: float
    stall_s: float
    sandbox: Sandbox

    async def inspect(
        self,
        frames: Sequence[tuple[Path, str, Path]],
        *,
        max_pixels: int,
        max_bytes: int,
        hold: Hold,
        report: Report,
    ) -> Mapping[str, Any]:
        labelled = [
            (path, f"frame {index} ({printable(name)})") for index, (path, name, _) in enumerate(frames)
        ]
        size = await anyio.to_thread.run_sync(_common_size, labelled, max_pixels)
        # A file that is shown twice is decoded once.
        unique: dict[str, tuple[int, str, str, str]] = {}
        for index, ((path, label), (_, _, clean)) in enumerate(zip(labelled, frames, strict=True)):
            unique.setdefault(str(path), (index, str(path), label, str(clean)))
        work = list(unique.values())
        looks = [work[place][0] for place in looked_at(len(work))]
        count = min(self.children, -(-len(work) // FRAMES_WORTH_A_CHILD))
        answers: list[Mapping[str, Any]] = []
        failures: list[OvenError] = []
        done = [0] * count

        async def run(number: int) -> None:
            def take(frames_done: int) -> None:
                done[number] = frames_done
                report(sum(done) / len(work))

            try:
                options = {"frames": work[number::count], "max_bytes": max_bytes // count, "looks": looks}
                answers.append(await self._ask({"task": "inspect", "options": options}, take))
            except OvenError as error:
                failures.append(error)

        async with hold(frames_resident_bytes(size, count)), anyio.create_task_group() as group:
            for number in range(count):
                group.start_soon(run, number)
        if failures:
            raise failures[0]
        errors = [answer["error"] for answer in answers if "error" in answer]
        if errors:
            raise _error(min(errors, key=lambda error: int(error["index"])))
        # In one order, whichever child was first: a sum of fractions depends on it.
        looked = sorted(look for answer in answers for look in answer["result"]["looked"])
        equal, colors = (round(sum(shares) / len(looked), 4) for shares in zip(*looked, strict=True))
        return {
            "size": list(size),
            "transparent": any(answer["result"]["transparent"] for answer in answers),
            "tones": {"equal_share": equal, "color_share": colors},
        }

    async def thumbnail(self, source: Path, into: Path, *, width: int, height: int, quality: int) -> None:
        options = {
            "source": str(source),
            "into": str(into),
            "width": width,
            "height": height,
            "quality": quality,
        }
        await self._ask({"task": "thumbnail", "options": options}, lambda _: None)

    async def probe(self, source: Path, *, max_pixels: int, thumbnail: Path, width: int) -> Mapping[str, Any]:
        options = {
            "source": str(source),
            "max_pixels": max_pixels,
            "thumbnail": str(thumbnail),
            "width": width,
        }
        return await self._ask_of_picture("probe", options, what="the picture", file_bytes=THUMBNAIL_BYTES)

    async def plain(
        self, source: Path, into: Path, *, label: str, max_pixels: int, max_side: int
    ) -> Mapping[str, Any]:
        options = {
            "source": str(source),
            "output": str(into),
            "label": label,
            "max_pixels": max_pixels,
            "max_side": max_side,
        }
        file_bytes = PLAIN_BYTES_A_PIXEL * min(max_side**2, max_pixels) + PLAIN_FIXED_BYTES
        return await self._ask_of_picture("plain", options, what=label, file_bytes=file_bytes)

    async def _ask_of_picture(
        self, task: str, options: Mapping[str, Any], *, what: str, file_bytes: int
    ) -> Mapping[str, Any]:
        limit_s = min(self.timeout_s, PICTURE_S)
        memory_bytes = picture_memory_bytes(options["max_pixels"])
        bounds = Bounds(memory_bytes=memory_bytes, cpu_s=limit_s, file_bytes=file_bytes)
        answer = await ask_child(
            PICTURE_CHILD,
            {"task": task, "options": options},
            what=what,
            around=self.sandbox.around(bounds),
            timeout_s=limit_s,
        )
        if "error" in answer:
            raise _error(answer["error"])
        result: Mapping[str, Any] = answer["result"]
        return result

    async def _ask(self, request: Mapping[str, Any], take: Callable[[int], None]) -> Mapping[str, Any]:
        return await ask_child(
            CHILD,
            request,
            what="the frames",
            around=self.sandbox.around(Bounds(memory_bytes=MEMORY_BYTES, cpu_s=self.timeout_s)),
            timeout_s=self.timeout_s,
            stall_s=self.stall_s,
            take=take,
        )


def _common_size(frames: Sequence[tuple[Path, str]], max_pixels: int) -> Size:
    """Read every header → the one size that all frames share.

    Raises:
        BadInputError: FRAME_NOT_PNG, FRAME_CORRUPT, FRAME_TOO_LARGE, FRAME_SIZE_MISMATCH.

    """
    common: Size | None = None
    for path, label in frames:
        with path.open("rb") as file:
            size = read_size(file.read(HEADER_BYTES), label)
        if size.pixels > max_pixels:
            raise BadInputError(
                Code.FRAME_TOO_LARGE,
                f"{label} is {size}, {size.pixels:,} pixels; at most {max_pixels:,} pixels are possible",
            )
        if common is None:
            common = size
        if size != common:
            raise BadInputError(
                Code.FRAME_SIZE_MISMATCH, f"{label} is {size}; frames must share one size ({common})"
            )
    if common is None:
        raise FaultError(Code.INTERNAL, "there are no frames to inspect")
    return common


def _error(said: Mapping[str, Any]) -> BadInputError:
    return BadInputError(
        Code(said["code"]), said["message"], hint=said.get("hint", ""), detail=said.get("detail", "")
    )
