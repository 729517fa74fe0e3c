"""Parts of a stored film, each at its place in a file of this machine that is as long and otherwise empty."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import anyio

from oven.domain.errors import OvenError
from oven.media.spans import Span, pieces
from oven.media.wholeness import BOX_HEADER_BYTES, LEAST_HEADER_BYTES, Box, box_at
from oven.pipeline.files import Files
from oven.pipeline.storage import Storage
from oven.recipes.steps import Target

# What is read where a box begins: the next ones are often in it, and all of a short film's index.
WINDOW_BYTES = 65_536
# A film that is not in fragments has a handful of boxes; its index, of a day at sixty frames a second, 60 MB.
MAX_BOXES = 64
MAX_INDEX_BYTES = 64 << 20
READS_AT_ONCE = 4
# Where these are, the index is not all there is: each fragment has one of its own.
OF_FRAGMENTS = {"moof", "sidx", "styp"}


@dataclass(slots=True, kw_only=True)
class Parts:
    """Brings parts of one object to `file`; all are of the version that was read first."""

    target: Target
    file: Path
    storage: Storage
    files: Files
    size_bytes: int = 0
    _version: str = ""
    _windows: dict[int, bytes] = field(default_factory=dict)

    async def bring_index(self) -> bool:
        """Bring the headers of an MP4's boxes, and its index → whether that tells of all its packets.

        Raises:
            OvenError: NOT_FOUND, DOWNLOAD_…, STORAGE_DENIED, DISK_FULL.

        """
        boxes: list[Box] = []
        position = 0
        while position < self.size_bytes or not boxes:
            box = box_at(await self.header(position), position, self.size_bytes)
            if box is None or box.size < LEAST_HEADER_BYTES or box.kind in OF_FRAGMENTS:
                return False
            boxes.append(box)
            if len(boxes) > MAX_BOXES:
                return False
            position += box.size
        index = next((box for box in boxes if box.kind == "moov"), None)
        if index is None or index.size > MAX_INDEX_BYTES:
            return False
        await self.bring([Span(index.position, min(index.position + index.size, self.size_bytes))])
        return True

    async def bring(self, spans: Sequence[Span]) -> None:
        """Bring ranges of the object's bytes.

        Raises:
            OvenError: NOT_FOUND, DOWNLOAD_…, STORAGE_DENIED, DISK_FULL.

        """
        turns = anyio.Semaphore(READS_AT_ONCE)
        failures: list[OvenError] = []
        async with anyio.create_task_group() as group:

            async def bring(span: Span) -> None:
                try:
                    async with turns:
                        await self._read(span)
                except OvenError as error:
                    failures.append(error)
                    group.cancel_scope.cancel()

            for span in pieces(spans):
                if not self._has(span):
                    group.start_soon(bring, span)
        # A task group would wrap it: raised outside.
        if failures:
            raise failures[0]

    async def header(self, position: int) -> bytes:
        """Read where something begins: 16 bytes, or what there is.

        Raises:
            OvenError: as `bring`.

        """
        if self._version and position >= self.size_bytes:
            return b""
        for start, window in self._windows.items():
            header = window[position - start :][:BOX_HEADER_BYTES] if position >= start else b""
            if len(header) == BOX_HEADER_BYTES or (header and start + len(window) >= self.size_bytes):
                return header
        window = await self._read(Span(position, position + WINDOW_BYTES))
        self._windows[position] = window
        return window[:BOX_HEADER_BYTES]

    async def bytes_of(self, span: Span) -> bytes:
        """Bring a range of the object's bytes, and give them.

        Raises:
            OvenError: as `bring`.

        """
        for start, window in self._windows.items():
            if start <= span.start and span.end <= start + len(window):
                return window[span.start - start : span.end - start]
        return await self._read(span)

    async def cut(self, pieces: Mapping[int, bytes], *, size_bytes: int) -> None:
        """Write what the object does not hold, and let the file end.

        Raises:
            OvenError: DISK_FULL, STORAGE_DENIED.

        """
        await self.files.write_at(self.file, pieces, size_bytes=size_bytes)

    def _has(self, span: Span) -> bool:
        return any(
            start <= span.start and span.end <= start + len(window) for start, window in self._windows.items()
        )

    async def _read(self, span: Span) -> bytes:
        piece = await self.storage.read(
            self.target, start=span.start, length=span.length, version=self._version
        )
        self.size_bytes, self._version = piece.object_bytes, piece.version
        await self.files.write_at(self.file, {span.start: piece.data}, size_bytes=piece.object_bytes)
        return piece.data
