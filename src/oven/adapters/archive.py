"""ZIP archives from strangers: nothing in them is trusted, least of all a name or a size."""

import errno
import os
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

import anyio

from oven.adapters.os_errors import translated
from oven.domain.errors import BadInputError, Code
from oven.pipeline.ports import Report

CHUNK_BYTES = 1_048_576
# A single frame or soundtrack above this is not a tape's.
MAX_ENTRY_BYTES = 256 * 1024 * 1024
MAX_NAME_BYTES = 255
# Deflate can do 1032 to 1, and silence is nearly that; but what is large is not all silence.
MAX_RATIO = 200
RATIO_FROM_BYTES = 32 * 1024 * 1024
# A local file header, up to its name (APPNOTE 4.3.7).
LOCAL_HEADER_BYTES = 30
# The end of central directory record, its length, and how far from the end it may begin (APPNOTE 4.3.16).
END_SIGNATURE = b"PK\x05\x06"
END_BYTES = 22
END_SEARCH_BYTES = END_BYTES + 65_535
# A directory entry with a name as long as we take, and some extra fields.
ENTRY_BYTES = 1_024
# They make a name look like another.
BIDI_CONTROLS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
ENCRYPTED_FLAG = 0x1
# What reading a mutated archive was seen to raise, beyond BadZipFile.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
)


class ZipArchives:
    """The `Archives` port, on the standard library's zipfile, in threads."""

    async def entries(self, archive: Path, *, max_entries: int, max_unpacked_bytes: int) -> list[str]:
        return await anyio.to_thread.run_sync(_entries, archive, max_entries, max_unpacked_bytes)

    async def extract(
        self, archive: Path, entries: Mapping[str, Path], *, max_unpacked_bytes: int, report: Report
    ) -> int:
        def report_from_thread(fraction: float) -> None:
            anyio.from_thread.run_sync(report, fraction)

        return await anyio.to_thread.run_sync(
            partial(_extract, archive, entries, max_unpacked_bytes, report_from_thread)
        )


def _entries(archive: Path, max_entries: int, max_unpacked_bytes: int) -> list[str]:
    _check_directory_size(archive, max_entries)
    with _opened(archive) as opened:
        infos = opened.infolist()
        if len(infos) > max_entries:
            raise BadInputError(
                Code.ZIP_TOO_MANY_ENTRIES,
                f"the archive has {len(infos)} entries; at most {max_entries} are possible",
            )
        for info in infos:
            _check(info)
        names = [info.filename for info in infos if not info.is_dir()]
        _check_duplicates(names)
        unpacked_bytes = sum(info.file_size for info in infos)
        _check_total(unpacked_bytes, max_unpacked_bytes)
        _check_ratio("the archive", unpacked_bytes, archive.stat().st_size)
        _check_overlap(archive, infos, opened.start_dir)
        return names


def _check_duplicates(names: Sequence[str]) -> None:
    """Refuse names that are one on some file system: case and accents may be written in several ways."""
    seen: dict[str, str] = {}
    for name in names:
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in seen:
            alike = f"two entries named {_quoted(name)}"
            if seen[folded] != name:
                both = f"{_quoted(seen[folded])} and {_quoted(name)}"
                alike = f"entries named {both}, which are one name in some folders"
            raise BadInputError(Code.ZIP_DUPLICATE_NAME, f"the archive has {alike}")
        seen[folded] = name


def _check_overlap(archive: Path, infos: Sequence[zipfile.ZipInfo], directory_offset: int) -> None:
    """Refuse entries that share bytes: so a small archive is made to unpack to a large one."""
    end, before = 0, ""
    with archive.open("rb") as file:
        for info in sorted(infos, key=lambda info: info.header_offset):
            if info.header_offset < end:
                raise BadInputError(
                    Code.ZIP_OVERLAP,
                    f"{_quoted(before)} and {_quoted(info.filename)} share bytes of the archive",
                )
            file.seek(info.header_offset)
            header = file.read(LOCAL_HEADER_BYTES)
            lengths = sum(struct.unpack("<HH", header[26:30])) if len(header) == LOCAL_HEADER_BYTES else 0
            end = info.header_offset + LOCAL_HEADER_BYTES + lengths + info.compress_size
            before = info.filename
    if end > directory_offset:
        raise BadInputError(Code.ZIP_OVERLAP, f"{_quoted(before)} runs into the archive's directory")


def _check_ratio(what: str, unpacked_bytes: int, packed_bytes: int) -> None:
    if unpacked_bytes > RATIO_FROM_BYTES and unpacked_bytes > MAX_RATIO * packed_bytes:
        raise BadInputError(
            Code.ZIP_RATIO,
            f"{what} unpacks {packed_bytes:,} bytes to {unpacked_bytes:,}; "
            f"at most {MAX_RATIO} times as many are possible",
        )


def _check_directory_size(archive: Path, max_entries: int) -> None:
    """Look at the end record alone: reading a directory of millions of entries would fill the memory."""
    with archive.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - END_SEARCH_BYTES))
        end = file.read()
    position = end.rfind(END_SIGNATURE)
    record = end[position : position + END_BYTES]
    if position < 0 or len(record) < END_BYTES:
        return  # no archive, or none that can be read: told when it is opened
    count, directory_bytes = int.from_bytes(record[10:12], "little"), int.from_bytes(record[12:16], "little")
    # With zip64 both say "look elsewhere" by their highest values, which are too many here in any case.
    if count > max_entries or directory_bytes > max_entries * ENTRY_BYTES:
        raise BadInputError(
            Code.ZIP_TOO_MANY_ENTRIES,
            f"the archive says that it has {count} entries, in {directory_bytes:,} bytes; "
            f"at most {max_entries} are possible",
        )


def _check(info: zipfile.ZipInfo) -> None:
    name = info.orig_filename
    parts = name.rstrip("/").split("/")
    if (
        not all(part not in {"", ".", ".."} for part in parts)
        or "\\" in name
        or any(unicodedata.category(char) in {"Cc", "Cs"} or char in BIDI_CONTROLS for char in name)
        or len(name.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES
        or name[1:2] == ":"
    ):
        raise BadInputError(
            Code.ZIP_BAD_NAME,
            f"the archive has an entry named {_quoted(name)}; names are relative paths with /, "
            "without .. and control characters",
        )
    if info.flag_bits & ENCRYPTED_FLAG:
        raise BadInputError(Code.ZIP_ENCRYPTED, f"{_quoted(name)} is encrypted; tapes are plain ZIP files")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise BadInputError(Code.ZIP_SPECIAL_FILE, f"{_quoted(name)} is a link or a device, not a plain file")
    if info.compress_type not in METHODS:
        raise BadInputError(
            Code.ZIP_UNSUPPORTED,
            f"{_quoted(name)} is packed by method {info.compress_type}; entries are stored or deflated",
        )
    if info.file_size > MAX_ENTRY_BYTES:
        raise BadInputError(
            Code.ZIP_ENTRY_TOO_LARGE,
            f"{_quoted(name)} unpacks to {info.file_size:,} bytes; at most {MAX_ENTRY_BYTES:,} are possible",
        )
    _check_ratio(_quoted(name), info.file_size, info.compress_size)


def _check_total(size_bytes: int, max_bytes: int) -> None:
    if size_bytes > max_bytes:
        raise BadInputError(
            Code.ZIP_TOO_LARGE,
            f"the archive unpacks to {size_bytes:,} bytes or more; at most {max_bytes:,} are possible",
        )


def _extract(
    archive: Path, entries: Mapping[str, Path], max_unpacked_bytes: int, report: Callable[[float], None]
) -> int:
    written = 0
    with _opened(archive) as opened:
        for number, (name, into) in enumerate(entries.items()):
            # Raises where the caller was cancelled meanwhile.
            anyio.from_thread.check_cancelled()
            with _broken_means(Code.ZIP_CORRUPT, f"{_quoted(name)} in the archive is damaged"):
                source = opened.open(name)
            with source, translated("unpacking the tape"), into.open("xb") as target:
                written += _copy(source, target, name, max_unpacked_bytes - written)
            if number % 50 == 0:
                report(number / len(entries))
    return written


def _copy(source: IO[bytes], target: IO[bytes], name: str, max_bytes: int) -> int:
    written = 0
    while True:
        with _broken_means(Code.ZIP_CORRUPT, f"{_quoted(name)} in the archive is damaged"):
            chunk = source.read(CHUNK_BYTES)
        if not chunk:
            return written
        written += len(chunk)
        _check_total(written, max_bytes)
        target.write(chunk)


@contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile]:
    with _broken_means(Code.ZIP_INVALID, "the source is not a ZIP archive, or its directory is damaged"):
        opened = zipfile.ZipFile(archive)
    with opened:
        yield opened


@contextmanager
def _broken_means(code: Code, message: str) -> Iterator[None]:
    try:
        # What the system refuses is not the archive's fault, but for a seek to where nothing can be.
        with translated("reading the tape"):
            try:
                yield
            except OSError as error:
                if error.errno in {None, errno.EINVAL}:
                    raise BadInputError(code, message, detail=repr(error)) from error
                raise
    except BROKEN as error:
        raise BadInputError(code, message, detail=repr(error)) from error


def _quoted(name: str) -> str:
    """Show a stranger's name: escaped, and not at length."""
    shown = name if len(name) <= 80 else name[:79] + "…"  # noqa: PLR2004 - a line's worth
    return ascii(shown)
