"""Archives that are broken, that lie, or that mean harm."""

import gzip
import io
import stat
import struct
import tarfile
from collections.abc import Iterator
from functools import cache

from oven.domain.errors import Code
from tests.corpus.case import BadTape
from tests.pngs import END, PIXELS, header, picture
from tests.tapes import small_entries
from tests.zips import DEFLATED, End, Entry, archive, changed, entries_of, zip64_end

# The bounds of the daemon that is attacked.
MAX_FRAMES = 300
MAX_ZIP_BYTES = 20 << 20
MAX_UNPACKED_BYTES = 64 << 20
SPARE_ENTRIES = 100
MEGABYTE = 1 << 20
CENTRAL = b"PK\x01\x02"


@cache
def good() -> tuple[Entry, ...]:
    """Give the entries of a tape that is right: frames 0 to 3, and times."""
    return tuple(entries_of(small_entries(4), method=DEFLATED))


def cases() -> Iterator[BadTape]:
    """Give every bad archive."""
    groups = {
        Code.ZIP_INVALID: _no_archives(),
        Code.ZIP_CORRUPT: _damaged(),
        Code.ZIP_BAD_NAME: _bad_names(),
        Code.ZIP_DUPLICATE_NAME: _duplicates(),
        Code.ZIP_SPECIAL_FILE: _special(),
        Code.ZIP_ENCRYPTED: _encrypted(),
        Code.ZIP_UNSUPPORTED: _unsupported(),
        Code.ZIP_OVERLAP: _overlapping(),
        Code.ZIP_RATIO: _bombs(),
        Code.ZIP_ENTRY_TOO_LARGE: _large_entries(),
        Code.ZIP_TOO_LARGE: _too_large(),
        Code.ZIP_TOO_MANY_ENTRIES: _too_many(),
        Code.NO_FRAMES: _without_frames(),
    }
    for code, group in groups.items():
        for name, data in group.items():
            yield BadTape(name=name, code=code, data=data)


def _no_archives() -> dict[str, bytes]:
    whole = archive(good())
    directory = whole.index(CENTRAL)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("frame-00000.png"))
    terabyte = zip64_end(count=1 << 40, size=1 << 40, offset=directory, at=len(whole) - 22)
    fake = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 1 << 30, 0, 0)
    cuts = {f"cut at {percent} %": whole[: len(whole) * percent // 100] for percent in (1, 10, 50, 90, 99)}
    return cuts | {
        "nothing at all": b"",
        "a byte": b"P",
        "text": b"hello",
        "an error page": b"<!doctype html><title>404</title>" * 9,
        "JSON": b'{"error": "expired"}',
        "an end record alone, cut": b"PK\x05\x06",
        "a local header alone": b"PK\x03\x04" + bytes(40),
        "a gzipped archive": gzip.compress(whole),
        "a tar": packed.getvalue(),
        "7z": b"7z\xbc\xaf\x27\x1c" + bytes(90),
        "RAR": b"Rar!\x1a\x07\x01\x00" + bytes(90),
        "a PNG": picture(header(), PIXELS, END),
        "zeros": bytes(100_000),
        "an archive in Base64": b"UEsDBBQAAAAIAA" * 50,
        "the first byte lost": whole[1:],
        "the middle lost": whole[:50] + whole[directory - 50 :],
        "a directory beyond the end": archive(good(), end=End(offset=1 << 30)),
        "a directory without its signature": whole[:directory] + b"XX" + whole[directory + 2 :],
        "a directory that ends within an entry": archive(good(), end=End(size=70)),
        "a directory that is too short": archive(good(), end=End(size=20)),
        "a name in bytes that are no UTF-8": archive([*good(), Entry(name=b"\xff\xfe.png")]),
        "an extra field that is cut": archive([*good(), Entry(extra=b"\x01\x00\xff\x00")]),
        "an entry for a program of the future": archive(changed(good(), 0, needs=99)),
        "a zip64 record that says a terabyte": archive(good(), end=End(before=terabyte)),
        "a directory that says 4 GB": archive(good(), end=End(size=0xFFFF_FFF0)),
        "an end record in the comment": archive(good(), end=End(comment=fake)),
        "several disks": archive(good(), end=End(before=struct.pack("<4sLQL", b"PK\x06\x07", 1, 0, 2))),
    }


def _damaged() -> dict[str, bytes]:
    first = good()[0]
    stored = [Entry(name=entry.name, data=entry.data) for entry in good()]
    flipped = bytearray(archive(stored))
    flipped[200] ^= 1
    return {
        "a flipped bit": bytes(flipped),
        "a checksum of another file": archive(changed(good(), 0, crc=1)),
        "a checksum of nothing": archive(changed(stored, 2, crc=0)),
        "larger than it says": archive(changed(good(), 0, size=10)),
        "smaller than it says": archive(changed(good(), 0, size=len(first.data) + 10)),
        "stored, of two sizes": archive(changed(stored, 0, size=len(first.data) + 10)),
        "deflated garbage": archive(changed(good(), 1, packed=b"\xff" * 90)),
        "deflated nothing": archive(changed(good(), 1, packed=b"")),
        "a deflated stream that is cut": archive(changed(good(), 1, packed=b"\xed\xc1\x01")),
        "said to be deflated": archive(changed(stored, 0, method=DEFLATED, packed=first.data)),
        "said to be stored": archive(
            changed(good(), 0, method=0, packed=b"x" * len(first.data), crc=first.crc)
        ),
        "no header before the data": archive(changed(good(), 3, local_signature=b"XXXX")),
        "another name before the data": archive(changed(good(), 0, local_name=b"frame-99999.png")),
        "a link's name before the data": archive(changed(good(), 0, local_name=b"../../frame-000")),
        "data beyond the directory": archive(changed(good(), 0, packed_size=0, size=9)),
        "an entry after the end": archive(changed(good(), 4, at=1 << 20)),
        "a directory that says it begins elsewhere": archive(good(), end=End(offset=7)),
        "times that are damaged": archive(changed(good(), 4, crc=9)),
    }


def _bad_names() -> dict[str, bytes]:
    names = {
        "none": b"",
        "a folder above": b"../x.png",
        "two folders above": b"../../../../../../etc/cron.d/x",
        "a folder above, later": b"a/../../x.png",
        "a folder above, at the end": b"a/..",
        "absolute": b"/etc/x.png",
        "absolute, twice": b"//etc/x.png",
        "an empty folder": b"a//x.png",
        "this folder": b"./x.png",
        "dots alone": b"..",
        "a dot alone": b".",
        "a backslash": b"..\\x.png",
        "a backslash within": b"a\\b.png",
        "a drive": b"C:/x.png",
        "a drive without a slash": b"C:x.png",
        "a share": b"\\\\host\\x",
        "NUL": b"x.png\0.txt",
        "a line break": b"x\ny.png",
        "an escape": b"\x1b[31mx.png",
        "DEL": b"x\x7f.png",
        "a C1 control": "x\x9b.png".encode(),
        "right to left": "x\u202egnp.exe".encode(),
        "a line separator": "x\u2028y.png".encode(),
        "a right-to-left mark": "x\u200fy.png".encode(),
        "isolated": "\u2066x.png".encode(),
        "256 bytes": b"n" * 256,
        "64 kilobytes": b"n" * 65_000,
        "many folders": b"a/" * 200 + b"x.png",
        "too long by its bytes": ("é" * 128).encode(),
    }
    return {f"name: {name}": archive([*good(), Entry(name=raw)]) for name, raw in names.items()}


def _duplicates() -> dict[str, bytes]:
    pairs = {
        "twice": ("a", "a"),
        "by case": ("a.png", "A.PNG"),
        "by case, of a frame": ("x", "FRAME-00000.png"),
        "by its accents": ("é", "e\u0301"),
        "by sharp s": ("ß", "SS"),
        "by case in a folder": ("a/x", "A/X"),
        "times twice": ("x", "Timing.json"),
    }
    return {
        f"one name: {name}": archive([*good(), *(Entry(name=one.encode()) for one in pair)])
        for name, pair in pairs.items()
    }


def _special() -> dict[str, bytes]:
    kinds = {
        "link": stat.S_IFLNK,
        "character device": stat.S_IFCHR,
        "block device": stat.S_IFBLK,
        "pipe": stat.S_IFIFO,
        "socket": stat.S_IFSOCK,
    }
    made = {
        f"a {name}": archive([*good(), Entry(name=b"x", data=b"/etc/passwd", mode=kind | 0o777)])
        for name, kind in kinds.items()
    }
    return made | {
        "a frame that is a link": archive(changed(good(), 0, mode=stat.S_IFLNK | 0o777)),
        "times that are a link": archive(changed(good(), 4, mode=stat.S_IFLNK | 0o777)),
        "a folder that is a link": archive([*good(), Entry(name=b"x/", mode=stat.S_IFLNK | 0o777)]),
    }


def _encrypted() -> dict[str, bytes]:
    return {
        "a frame that is encrypted": archive(changed(good(), 0, flags=0x801)),
        "something that is encrypted": archive([*good(), Entry(name=b"x", flags=0x801)]),
        "strongly encrypted": archive(changed(good(), 0, flags=0x840)),
        "by AES": archive(changed(good(), 0, flags=0x801, method=99)),
        "with names that are hidden": archive(changed(good(), 0, flags=0x2800)),
    }


def _unsupported() -> dict[str, bytes]:
    methods = {
        1: "shrunk",
        6: "imploded",
        9: "deflate64",
        12: "bzip2",
        14: "LZMA",
        93: "Zstandard",
        95: "XZ",
        98: "PPMd",
        255: "nobody knows",
    }
    made = {
        f"method {name}": archive(changed(good(), 0, method=method, packed=b"x" * 40))
        for method, name in methods.items()
    }
    return made | {"a patch": archive(changed(good(), 0, flags=0x820))}


def _overlapping() -> dict[str, bytes]:
    first = good()[0]
    kernel = Entry(name=b"a", data=bytes(50_000), method=DEFLATED)
    return {
        "two entries in one place": archive(changed(good(), 1, at=0)),
        "one entry within another": archive(changed(good(), 0, packed_size=len(first.data) + 400)),
        "all in one place": archive([*good(), kernel, *(Entry(name=b"%d" % n, at=0) for n in range(50))]),
        "into the directory": archive(changed(good(), 4, packed_size=5_000)),
    }


def _bombs() -> dict[str, bytes]:
    def zeros(name: bytes, megabytes: int) -> Entry:
        return Entry(name=name, data=bytes(megabytes * MEGABYTE), method=DEFLATED)

    return {
        "40 MB of zeros": archive([*good(), zeros(b"x", 40)]),
        "a frame of 40 MB of zeros": archive([zeros(b"frame-00000.png", 40)]),
        "sound of 60 MB of zeros": archive([*good(), zeros(b"soundtrack.wav", 60)]),
        "many times 5 MB of zeros": archive([*good(), *(zeros(b"%d" % n, 5) for n in range(10))]),
    }


def _large_entries() -> dict[str, bytes]:
    huge = struct.pack("<2H2Q", 1, 16, 1 << 40, 90)
    return {
        "an entry that says 300 MB": archive(changed(good(), 0, size=300 * MEGABYTE)),
        "an entry that says 4 GB": archive([*good(), Entry(name=b"x", size=0xFFFF_FFFE)]),
        "an entry that says a terabyte": archive([*good(), Entry(name=b"x", size=0xFFFF_FFFF, extra=huge)]),
    }


def _too_large() -> dict[str, bytes]:
    said = [Entry(name=b"%d" % number, size=20 * MEGABYTE) for number in range(4)]
    noise = bytes(range(256)) * 40
    really = [Entry(name=b"%d.png" % n, data=noise * (2 * n + 1), method=DEFLATED) for n in range(26)]
    return {
        "80 MB, as its entries say": archive([*good(), *said]),
        "70 MB, really": archive([*really, *(Entry(name=b"z%d" % n, size=31 * MEGABYTE) for n in range(2))]),
    }


def _too_many() -> dict[str, bytes]:
    most = MAX_FRAMES + SPARE_ENTRIES
    few = [Entry(name=b"%d" % number) for number in range(most + 1)]
    many = [Entry(name=b"%x" % number) for number in range(70_000)]
    whole = archive(many)
    start = whole.index(CENTRAL)
    truth = zip64_end(count=70_000, size=len(whole) - 22 - start, offset=start, at=len(whole) - 22)
    return {
        "one entry too many": archive(few),
        "one entry too many, and it says one": archive(few, end=End(count=1)),
        "70 000 entries": whole,
        "70 000 entries, and it says one": archive(many, end=End(count=1)),
        "70 000 entries, told by a zip64 record": archive(many, end=End(count=1, size=51, before=truth)),
        "70 000 entries behind an end record within the end record": archive(
            many, end=End(offset=0x06054B50)
        ),
        "9 000 entries of one name": archive([Entry(name=b"x") for _ in range(9_000)]),
    }


def _without_frames() -> dict[str, bytes]:
    frame = good()[0].data
    names = {
        "no PNG": ["readme.txt"],
        "a cover alone": ["cover.png"],
        "frames in two folders": ["a/frame-0.png", "b/frame-1.png"],
        "frames two folders deep": ["a/b/frame-0.png"],
        "what a file manager adds, alone": ["__MACOSX/._frame-0.png"],
        "a hidden frame": [".frame-0.png"],
        "frames of another name": ["image-0.png", "image-1.png"],
        "a JPEG by its name": ["frame-0.jpg"],
        "a folder named like a frame": ["frame-0.png/"],
        "an archive in the archive": ["tape.zip"],
        "times alone": ["soundtrack.wav"],
    }
    return {
        f"no frames: {name}": archive([Entry(name=one.encode(), data=frame) for one in inner])
        for name, inner in names.items()
    } | {"no frames: an empty archive": archive([])}
