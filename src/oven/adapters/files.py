"""Files of this machine, handled off the event loop."""

import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import anyio
import orjson

from oven.adapters.os_errors import reason, translated
from oven.domain.errors import BadInputError, Code, FaultError
from oven.domain.nesting import MAX_DEPTH, is_too_deep

# timing.json has about 120 bytes a frame; nothing honest comes near this.
MAX_JSON_BYTES = 8 * 1024 * 1024
CHUNK_BYTES = 1_048_576
# Some file systems count in tenths of a microsecond; the schedule does not mind.
MAX_ROUNDING_NS = 1_000
# Each begins a value, wherever it stands.
BEGINNINGS = (b",", b"[", b"{")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFiles:
    """The `Files` port; `max_copied_bytes` bounds what laying out may copy for one job."""

    max_copied_bytes: int

    async def adopt(self, source: Path, into: Path, *, max_bytes: int) -> Mapping[str, Any]:
        return await anyio.to_thread.run_sync(_adopt, source, into, max_bytes)

    async def read_json(self, source: Path, *, max_values: int) -> Any:
        return await anyio.to_thread.run_sync(_read_json, source, max_values)

    async def read_head(self, source: Path, size_bytes: int) -> bytes:
        return await anyio.to_thread.run_sync(_read_head, source, size_bytes)

    async def write_at(self, file: Path, pieces: Mapping[int, bytes], *, size_bytes: int) -> None:
        await anyio.to_thread.run_sync(_write_at, file, pieces, size_bytes)

    async def read_all(self, file: Path) -> bytes:
        return await anyio.to_thread.run_sync(_read_all, file)

    async def lay_out(self, links: Sequence[tuple[Path, Path, int | None]]) -> None:
        await anyio.to_thread.run_sync(_lay_out, links, self.max_copied_bytes)

    async def remove(self, folder: Path) -> None:
        await anyio.to_thread.run_sync(shutil.rmtree, folder)


def _adopt(source: Path, into: Path, max_bytes: int) -> dict[str, Any]:
    digest, size_bytes = hashlib.sha256(), 0
    try:
        with _open_regular(source) as file:
            while chunk := file.read(CHUNK_BYTES):
                anyio.from_thread.check_cancelled()
                size_bytes += len(chunk)
                if size_bytes > max_bytes:
                    text = f"{source.name} has more than {max_bytes:,} bytes, which is the limit"
                    raise BadInputError(Code.ZIP_TOO_LARGE, text)
                digest.update(chunk)
    except OSError as error:
        raise BadInputError(
            Code.NOT_FOUND,
            f"{source.name} cannot be read: {reason(error)}",
            hint="Give the path of a tape, a ZIP file.",
            detail=str(error),
        ) from error
    with translated("starting a job"):
        into.symlink_to(source.absolute())
    return {"sha256": digest.hexdigest(), "sizeBytes": size_bytes}


def _open_regular(source: Path) -> BinaryIO:
    # Not blocking: a pipe without a writer would be waited for.
    descriptor = os.open(source, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is not a regular file")
    return os.fdopen(descriptor, "rb")


def _read_head(source: Path, size_bytes: int) -> bytes:
    with translated("reading a file's first bytes"), source.open("rb") as file:
        return file.read(size_bytes)


def _write_at(file: Path, pieces: Mapping[int, bytes], size_bytes: int) -> None:
    with translated("writing parts of a file"):
        descriptor = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.truncate(size_bytes)
            for position, data in pieces.items():
                opened.seek(position)
                opened.write(data)


def _read_all(file: Path) -> bytes:
    with translated("reading a file"):
        return file.read_bytes() if file.is_file() else b""


def _read_json(source: Path, max_values: int) -> Any:
    if source.stat().st_size > MAX_JSON_BYTES:
        raise ValueError(f"it has more than {MAX_JSON_BYTES} bytes")
    data = source.read_bytes()
    if sum(map(data.count, BEGINNINGS)) > max_values:
        raise ValueError(f"it has more than {max_values} values")
    # orjson refuses NaN, Infinity, invalid UTF-8 and deep nesting; recorders on Windows may write a BOM.
    value = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    if is_too_deep(value):
        raise ValueError(f"it is nested more than {MAX_DEPTH} deep")
    return value


def _lay_out(links: Sequence[tuple[Path, Path, int | None]], max_copied_bytes: int) -> None:
    copied_bytes = 0
    with translated("laying out a job's files"):
        for folder in {into.parent for _, into, _ in links}:
            folder.mkdir(parents=True, exist_ok=True)
        timed: set[Path] = set()
        for source, into, time_ns in links:
            # Hard links share one file time, so a file that stands at two times is copied.
            if source in timed:
                copied_bytes += source.stat().st_size
                if copied_bytes > max_copied_bytes:
                    text = (
                        f"the pictures that are shown again have more than {max_copied_bytes:,} bytes in all"
                    )
                    raise BadInputError(Code.ZIP_TOO_LARGE, text)
                shutil.copyfile(source, into)
            else:
                into.hardlink_to(source)
            if time_ns is not None:
                timed.add(source)
                os.utime(into, ns=(time_ns, time_ns))
                _check_time(into, time_ns)


def _check_time(file: Path, time_ns: int) -> None:
    """Ask for the time that was set: coarse file systems round it, and the schedule with it."""
    if abs(file.stat().st_mtime_ns - time_ns) > MAX_ROUNDING_NS:
        raise FaultError(
            Code.STORAGE_DENIED,
            "the file system of the work directory keeps file times too coarsely",
            hint="Point TEMP_DIR to a folder on ext4, xfs, btrfs or tmpfs.",
            detail=str(file),
        )
