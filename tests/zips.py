"""ZIP archives written by hand, so that every field of them can lie."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

STORED, DEFLATED = 0, 8
UTF8 = 0x800
REGULAR = 0o100644


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry; what is None is told as it is.

    `mode` is a Unix file mode; `local_*` are told before the data where they differ from the directory's.
    `at` is where the directory says that the entry begins, `packed` its bytes in the archive.
    """

    name: bytes = b"a"
    data: bytes = b""
    method: int = STORED
    flags: int = UTF8
    needs: int = 20
    mode: int = REGULAR
    extra: bytes = b""
    packed: bytes | None = None
    crc: int | None = None
    size: int | None = None
    packed_size: int | None = None
    local_name: bytes | None = None
    local_signature: bytes = b"PK\x03\x04"
    at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What the record at the end says where it is not the truth; `before` stands right before it."""

    count: int | None = None
    size: int | None = None
    offset: int | None = None
    comment: bytes = b""
    before: bytes = b""


def archive(entries: Sequence[Entry], *, end: End | None = None, prefix: bytes = b"") -> bytes:
    """Write an archive: the entries, the directory, the end record."""
    said = end or End()
    body, directory = bytearray(prefix), bytearray()
    for entry in entries:
        offset = len(body)
        local, central = _headers(entry, offset if entry.at is None else entry.at)
        body += local
        directory += central
    start = len(body)
    count = min(len(entries), 0xFFFF) if said.count is None else said.count
    size = len(directory) if said.size is None else said.size
    offset = start if said.offset is None else said.offset
    record = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, size, offset, len(said.comment))
    return bytes(body + directory) + said.before + record + said.comment


def zip64_end(*, count: int, size: int, offset: int, at: int) -> bytes:
    """Give a zip64 end record, which stands `at` an offset, and the locator that leads to it."""
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    return record + struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1)


def entries_of(files: Mapping[str, bytes], *, method: int = STORED) -> list[Entry]:
    return [Entry(name=name.encode(), data=data, method=method) for name, data in files.items()]


def changed(entries: Sequence[Entry], index: int, **fields: object) -> list[Entry]:
    """Give the entries with one of them told otherwise."""
    told = list(entries)
    told[index] = replace(told[index], **fields)  # type: ignore[arg-type]
    return told


def deflated(data: bytes) -> bytes:
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    return deflater.compress(data) + deflater.flush()


def _headers(entry: Entry, at: int) -> tuple[bytes, bytes]:
    """Write what stands before the data, with the data, and what stands in the directory."""
    packed = entry.packed
    if packed is None:
        packed = deflated(entry.data) if entry.method == DEFLATED else entry.data
    crc = zlib.crc32(entry.data) if entry.crc is None else entry.crc
    size = len(entry.data) if entry.size is None else entry.size
    packed_size = len(packed) if entry.packed_size is None else entry.packed_size
    name = entry.name if entry.local_name is None else entry.local_name
    common = struct.pack("<4H3L", entry.flags, entry.method, 0, 33, crc, packed_size, size)
    local = entry.local_signature + struct.pack("<H", entry.needs) + common
    local += struct.pack("<2H", len(name), len(entry.extra)) + name + entry.extra + packed
    central = b"PK\x01\x02" + struct.pack("<2H", 3 << 8 | 20, entry.needs) + common
    central += struct.pack(
        "<5H2L", len(entry.name), len(entry.extra), 0, 0, 0, entry.mode << 16, min(at, 0xFFFFFFFF)
    )
    return local, central + entry.name + entry.extra
