"""ZIP archives from strangers: nothing in them is trusted, least of all a name or a size."""

import errno
import hashlib
import io
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

import anyio

from oven.adapters.os_errors import translated
from oven.domain.errors import BadInputError, Code
from oven.media.signatures import HEAD_BYTES, looks_like
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
LOCAL_SIGNATURE = b"PK\x03\x04"
CENTRAL_SIGNATURE = b"PK\x01\x02"
# A directory entry with a name as long as we take, and some extra fields.
ENTRY_BYTES = 1_024
# They make a name look like another.
BIDI_CONTROLS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Control characters, halves of pairs, line and paragraph separators.
NOT_IN_NAMES = {"Cc", "Cs", "Zl", "Zp"}
UNIX = {3, 19}
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
# Encrypted, strongly encrypted, with hidden names; a patch to another file (APPNOTE 4.4.4).
ENCRYPTED_FLAGS = 0x1 | 0x40 | 0x2000
PATCH_FLAG = 0x20
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
    ) -> Mapping[str, Any]:
        def report_from_thread(fraction: float) -> None:
            anyio.from_thread.run_sync(report, fraction)

        return await anyio.to_thread.run_sync(
            partial(_extract, archive, entries, max_unpacked_bytes, report_from_thread)
        )


class _Frugal(io.BufferedReader):
    """An archive of which nobody reads a directory of more than so many entries.

    An archive may describe its directory several times, and say something else each time; whichever of
    them a reader follows, it asks for the whole directory at once, and that is looked at here.
    """

    def __init__(self, archive: Path, max_entries: int) -> None:
        super().__init__(io.FileIO(archive))
        self.max_entries = max_entries

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > self.max_entries * ENTRY_BYTES:
            raise self._too_many(f"a directory of {size:,} bytes")
        data = super().read(size)
        count = data.count(CENTRAL_SIGNATURE)
        if count > self.max_entries:
            raise self._too_many(f"{count} entries")
        return data

    def _too_many(self, what: str) -> BadInputError:
        text = f"the archive has {what}; at most {self.max_entries} entries are possible"
        return BadInputError(Code.ZIP_TOO_MANY_ENTRIES, text)


def _entries(archive: Path, max_entries: int, max_unpacked_bytes: int) -> list[str]:
    with _Frugal(archive, max_entries) as file, _opened(file) as opened:
        infos = opened.infolist()
        for info in infos:
            _check(info)
        names = [info.filename for info in infos if not info.is_dir()]
        _check_duplicates(names)
        unpacked_bytes = sum(info.file_size for info in infos)
        _check_total(unpacked_bytes, max_unpacked_bytes)
        _check_ratio("the archive", unpacked_bytes, archive.stat().st_size)
        _check_places(file, infos, opened.start_dir)
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


def _check_places(file: IO[bytes], infos: Sequence[zipfile.ZipInfo], directory_offset: int) -> None:
    """Refuse entries that share bytes: so a small archive is made to unpack to a large one."""
    end, before = 0, ""
    for info in sorted(infos, key=lambda info: info.header_offset):
        name = _quoted(info.filename)
        if info.header_offset < 0:
            raise BadInputError(Code.ZIP_INVALID, f"{name} begins before the archive: its start is missing")
        if info.header_offset < end:
            raise BadInputError(Code.ZIP_OVERLAP, f"{before} and {name} share bytes of the archive")
        file.seek(info.header_offset)
        header = file.read(LOCAL_HEADER_BYTES)
        if not header.startswith(LOCAL_SIGNATURE) or len(header) < LOCAL_HEADER_BYTES:
            raise BadInputError(Code.ZIP_CORRUPT, f"{name} does not stand where the archive says")
        lengths = sum(struct.unpack("<HH", header[26:30]))
        end = info.header_offset + LOCAL_HEADER_BYTES + lengths + info.compress_size
        before = name
    if end > directory_offset:
        raise BadInputError(Code.ZIP_OVERLAP, f"{before} runs into the archive's directory")


def _check_ratio(what: str, unpacked_bytes: int, packed_bytes: int) -> None:
    if unpacked_bytes > RATIO_FROM_BYTES and unpacked_bytes > MAX_RATIO * packed_bytes:
        raise BadInputError(
            Code.ZIP_RATIO,
            f"{what} unpacks {packed_bytes:,} bytes to {unpacked_bytes:,}; "
            f"at most {MAX_RATIO} times as many are possible",
        )


def _check(info: zipfile.ZipInfo) -> None:
    name = info.orig_filename
    parts = name.rstrip("/").split("/")
    if (
        not all(part not in {"", ".", ".."} for part in parts)
        or "\\" in name
        or any(unicodedata.category(char) in NOT_IN_NAMES or char in BIDI_CONTROLS for char in name)
        or len(name.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES
        or name[1:2] == ":"
    ):
        raise BadInputError(
            Code.ZIP_BAD_NAME,
            f"the archive has an entry named {_quoted(name)}; names are relative paths with /, "
            "without .. and control characters",
        )
    if info.flag_bits & ENCRYPTED_FLAGS:
        raise BadInputError(Code.ZIP_ENCRYPTED, f"{_quoted(name)} is encrypted; tapes are plain ZIP files")
    # Only who writes for Unix means a mode by it (APPNOTE 4.4.2).
    kind = stat.S_IFMT(info.external_attr >> 16) if info.create_system in UNIX else 0
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise BadInputError(Code.ZIP_SPECIAL_FILE, f"{_quoted(name)} is a link or a device, not a plain file")
    if info.compress_type not in METHODS or info.flag_bits & PATCH_FLAG:
        how = "as a patch" if info.flag_bits & PATCH_FLAG else f"by method {info.compress_type}"
        raise BadInputError(
            Code.ZIP_UNSUPPORTED, f"{_quoted(name)} is packed {how}; entries are stored or deflated"
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
) -> dict[str, Any]:
    written = 0
    alike: dict[str, str] = {}
    with _opened(archive) as opened:
        twins = _twins(opened.infolist())
        for number, (name, into) in enumerate(entries.items()):
            # Raises where the caller was cancelled meanwhile.
            anyio.from_thread.check_cancelled()
            with _broken_means(Code.ZIP_CORRUPT, f"{_quoted(name)} in the archive is damaged"):
                source = opened.open(name)
            with source, translated("unpacking the tape"), into.open("xb") as target:
                size_bytes = _copy(source, target, name, max_unpacked_bytes - written)
            said_bytes = opened.getinfo(name).file_size
            if size_bytes != said_bytes:
                text = f"{_quoted(name)} has {size_bytes:,} bytes, not {said_bytes:,} as the archive says"
                raise BadInputError(Code.ZIP_CORRUPT, text)
            written += size_bytes
            if name in twins:
                with translated("unpacking the tape"), into.open("rb") as file:
                    alike[into.name] = hashlib.file_digest(file, "sha256").hexdigest()
            if number % 50 == 0:
                report(number / len(entries))
    return {"sizeBytes": written, "alike": alike}


def _twins(infos: Sequence[zipfile.ZipInfo]) -> set[str]:
    """Give those entries that share checksum and size with another: only of these it is asked whether."""
    count = Counter((info.CRC, info.file_size) for info in infos)
    return {info.filename for info in infos if count[info.CRC, info.file_size] > 1}


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
def _opened(archive: Path | IO[bytes]) -> Iterator[zipfile.ZipFile]:
    try:
        with _broken_means(Code.ZIP_INVALID, ""):
            opened = zipfile.ZipFile(archive)
    except BadInputError as error:
        if error.code is not Code.ZIP_INVALID:
            raise
        with translated("reading the tape"):
            text = _no_archive(_head(archive))
        raise BadInputError(error.code, text, detail=error.detail) from error
    with opened:
        yield opened


def _head(archive: Path | IO[bytes]) -> bytes:
    if isinstance(archive, Path):
        with archive.open("rb") as file:
            return file.read(HEAD_BYTES)
    archive.seek(0)
    return archive.read(HEAD_BYTES)


def _no_archive(head: bytes) -> str:
    """Say what is wrong with a file that cannot be opened as an archive."""
    if head.startswith(LOCAL_SIGNATURE[:2]):
        return "the source is a ZIP archive whose directory is damaged, or cut off"
    found = f"it looks like {kind}" if (kind := looks_like(head)) else "it is of no kind that is known"
    return f"the source is not a ZIP archive: {found if head else 'it is empty'}"


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
