"""Archives are refused with one of their own codes, whatever is in them."""

import hashlib
import random
import stat
import struct
import tempfile
import tracemalloc
import zipfile
import zlib
from functools import partial
from pathlib import Path

import anyio
import pytest
from hypothesis import given, settings

from oven.adapters import archive as module
from oven.adapters.archive import ZipArchives
from oven.domain.errors import BadInputError, Code
from tests.strategies import ARCHIVES
from tests.tapes import flat_png, small_entries, write_zip
from tests.zips import End, Entry, archive

MEGABYTE = 1_000_000


async def read(path: Path, *, max_entries: int = 100, max_unpacked_bytes: int = MEGABYTE) -> list[str]:
    return await ZipArchives().entries(path, max_entries=max_entries, max_unpacked_bytes=max_unpacked_bytes)


async def unpack(path: Path, into: Path, *names: str, max_unpacked_bytes: int = MEGABYTE) -> int:
    into.mkdir()
    wanted = {name: into / str(index) for index, name in enumerate(names)}
    found = await ZipArchives().extract(
        path, wanted, max_unpacked_bytes=max_unpacked_bytes, report=lambda _: None
    )
    return int(found["sizeBytes"])


async def refusal(path: Path, **bounds: int) -> BadInputError:
    with pytest.raises(BadInputError) as caught:
        await read(path, **bounds)
    return caught.value


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
async def test_entries_and_their_bytes(tmp_path: Path, method: int) -> None:
    """Stored or deflated; folders are left out; files get names of ours."""
    path = write_zip(
        tmp_path / "a.zip", {"top/": b"", "top/a": b"alpha", "top/b": b"b" * 5000}, method=method
    )
    assert await read(path) == ["top/a", "top/b"]
    assert await unpack(path, tmp_path / "out", "top/b", "top/a") == 5005
    assert (tmp_path / "out" / "0").read_bytes() == b"b" * 5000
    assert (tmp_path / "out" / "1").read_bytes() == b"alpha"


async def test_entries_that_are_alike(tmp_path: Path) -> None:
    """Are told by digests of their bytes; those whose checksum or size no other has are not looked at."""
    # Checksums that meet: each picture's own are part of what the archive's is made of.
    met: dict[int, bytes] = {}
    for number in range(10_000):
        picture = flat_png((number % 256, number // 256, 7, 255), width=1, height=1)
        other = met.setdefault(zlib.crc32(picture), picture)
        if other != picture and len(other) == len(picture):
            break
    else:
        pytest.fail("checksums of pictures tell more than was thought")
    entries = {"a": b"twin", "b": b"alone", "c": b"twin", "d": picture, "e": other}
    (tmp_path / "out").mkdir()
    found = await ZipArchives().extract(
        write_zip(tmp_path / "a.zip", entries),
        {name: tmp_path / "out" / f"{name}.bin" for name in entries},
        max_unpacked_bytes=MEGABYTE,
        report=lambda _: None,
    )
    assert set(found["alike"]) == {"a.bin", "c.bin", "d.bin", "e.bin"}
    assert found["alike"]["a.bin"] == found["alike"]["c.bin"] == hashlib.sha256(b"twin").hexdigest()
    assert found["alike"]["d.bin"] != found["alike"]["e.bin"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not a ZIP archive: it is empty"),
        (b"not a zip", "not a ZIP archive: it is of no kind that is known"),
        (b"<!doctype html><h1>404", "not a ZIP archive: it looks like a web page"),
        (b"PK\x03\x04" + bytes(40), "a ZIP archive whose directory is damaged, or cut off"),
        (b"PK\x05\x06", "a ZIP archive whose directory is damaged, or cut off"),
    ],
)
async def test_what_is_no_archive(tmp_path: Path, data: bytes, said: str) -> None:
    """ZIP_INVALID, with what it seems to be instead."""
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    refused = await refusal(path)
    assert (refused.code, refused.message) == (Code.ZIP_INVALID, f"the source is {said}")


async def test_a_cut_archive(tmp_path: Path) -> None:
    """An upload that broke off has no directory."""
    path = write_zip(tmp_path / "a.zip", small_entries())
    path.write_bytes(path.read_bytes()[:-200])
    assert (await refusal(path)).code is Code.ZIP_INVALID


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "/etc/x",
        "a/../../x",
        "a\\b",
        "C:/x",
        "C:x",
        "a//b",
        "./a",
        "a\nb",
        "\u202egnp.exe",
        "a\x7f",
        "n" * 256,
    ],
)
async def test_names_that_point_elsewhere(tmp_path: Path, name: str) -> None:
    """ZIP_BAD_NAME, with the name tamed."""
    error = await refusal(write_zip(tmp_path / "a.zip", {"ok": b"", name: b"x"}))
    assert error.code is Code.ZIP_BAD_NAME
    assert error.message.isascii()
    assert error.message.isprintable()


async def test_two_entries_of_one_name(tmp_path: Path) -> None:
    """The second would silently win."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a", b"2")
    assert (await refusal(path)).code is Code.ZIP_DUPLICATE_NAME


@pytest.mark.parametrize("names", [("a.png", "A.PNG"), ("é.png", "e\u0301.png"), ("ß", "SS")])
async def test_names_that_are_one_elsewhere(tmp_path: Path, names: tuple[str, str]) -> None:
    """By case, or by how an accent is written; both are named."""
    error = await refusal(write_zip(tmp_path / "a.zip", dict.fromkeys(names, b"x")))
    assert error.code is Code.ZIP_DUPLICATE_NAME
    assert all(ascii(name) in error.message for name in names)


async def test_a_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry, or the whole, that unpacks to much more than it is; a little silence is none."""
    monkeypatch.setattr("oven.adapters.archive.RATIO_FROM_BYTES", 1_000_000)
    deflated = zipfile.ZIP_DEFLATED
    bomb = write_zip(tmp_path / "a.zip", {"a": bytes(2_000_000)}, method=deflated)
    error = await refusal(bomb)
    assert (error.code, "'a' unpacks" in error.message) == (Code.ZIP_RATIO, True)
    many = write_zip(tmp_path / "b.zip", {str(n): bytes(900_000) for n in range(9)}, method=deflated)
    error = await refusal(many, max_unpacked_bytes=99_000_000)
    assert (error.code, "the archive unpacks" in error.message) == (Code.ZIP_RATIO, True)
    silence = write_zip(tmp_path / "c.zip", {"soundtrack.wav": bytes(900_000)}, method=deflated)
    assert await read(silence) == ["soundtrack.wav"]


async def test_entries_that_share_bytes(tmp_path: Path) -> None:
    """One inside another, or one twice under two names; or one that runs into the directory."""
    path = write_zip(tmp_path / "a.zip", {"a": b"alpha", "b": b"beta"})
    data = path.read_bytes()
    directory = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", directory + 1)

    async def code_of(position: int, value: int) -> Code:
        changed = bytearray(data)
        changed[position : position + 4] = value.to_bytes(4, "little")
        path.write_bytes(changed)
        return (await refusal(path)).code

    assert await code_of(second + 42, 0) is Code.ZIP_OVERLAP
    assert await code_of(directory + 20, 6) is Code.ZIP_OVERLAP
    assert await code_of(second + 20, 5) is Code.ZIP_OVERLAP


async def test_an_encrypted_entry(tmp_path: Path) -> None:
    """The flag is enough."""
    path = write_zip(tmp_path / "a.zip", {"a": b"secret"})
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert (await refusal(path)).code is Code.ZIP_ENCRYPTED


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
async def test_links_and_devices(tmp_path: Path, kind: int) -> None:
    """Only plain files and folders."""
    info = zipfile.ZipInfo("link")
    info.external_attr = (kind | 0o777) << 16
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert (await refusal(path)).code is Code.ZIP_SPECIAL_FILE


async def test_another_method(tmp_path: Path) -> None:
    """LZMA is not what recorders write."""
    path = write_zip(tmp_path / "a.zip", {"a": b"alpha"}, method=zipfile.ZIP_LZMA)
    assert (await refusal(path)).code is Code.ZIP_UNSUPPORTED


async def test_too_many_entries(tmp_path: Path) -> None:
    """Told with the count."""
    error = await refusal(write_zip(tmp_path / "a.zip", {str(n): b"" for n in range(11)}), max_entries=10)
    assert error.code is Code.ZIP_TOO_MANY_ENTRIES
    assert "11 entries" in error.message
    assert "at most 10" in error.message


MANY = [Entry(name=b"%x" % number) for number in range(70_000)]


@pytest.mark.parametrize("end", [End(), End(count=1), End(offset=0x06054B50)])
async def test_a_directory_that_would_fill_the_memory(tmp_path: Path, end: End) -> None:
    """It is never made into entries, whatever the end record says, or hides."""
    path = tmp_path / "a.zip"
    path.write_bytes(archive(MANY, end=end))
    tracemalloc.start()
    try:
        assert (await refusal(path)).code is Code.ZIP_TOO_MANY_ENTRIES
        assert tracemalloc.get_traced_memory()[1] < 8 * MEGABYTE
    finally:
        tracemalloc.stop()


async def test_a_directory_of_few_entries(tmp_path: Path) -> None:
    """Kilobytes of extra fields an entry are none of a tape."""
    path = tmp_path / "a.zip"
    path.write_bytes(archive([Entry(extra=struct.pack("<2H", 9, 30_000) + bytes(30_000))]))
    assert (await refusal(path, max_entries=10)).code is Code.ZIP_TOO_MANY_ENTRIES


async def test_an_entry_that_is_smaller_than_it_says(tmp_path: Path) -> None:
    """Its checksum is right, and still something is missing."""
    path = tmp_path / "a.zip"
    path.write_bytes(archive([Entry(name=b"a", data=b"alpha", method=8, size=9)]))
    with pytest.raises(BadInputError) as caught:
        await unpack(path, tmp_path / "out", *await read(path))
    assert caught.value.code is Code.ZIP_CORRUPT
    assert caught.value.message == "'a' has 5 bytes, not 9 as the archive says"


async def test_too_large_as_declared(tmp_path: Path) -> None:
    """Refused from the directory alone, before a byte is unpacked."""
    path = write_zip(tmp_path / "a.zip", {"a": bytes(2 * MEGABYTE)}, method=zipfile.ZIP_DEFLATED)
    assert (await refusal(path)).code is Code.ZIP_TOO_LARGE


async def test_one_entry_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the whole would fit."""
    monkeypatch.setattr(module, "MAX_ENTRY_BYTES", 10)
    assert (await refusal(write_zip(tmp_path / "a.zip", {"a": bytes(11)}))).code is Code.ZIP_ENTRY_TOO_LARGE


async def test_too_large_while_unpacking(tmp_path: Path) -> None:
    """Bytes are counted as they are written, whatever was declared."""
    path = write_zip(tmp_path / "a.zip", {"a": bytes(2 * MEGABYTE)}, method=zipfile.ZIP_DEFLATED)
    with pytest.raises(BadInputError) as caught:
        await unpack(path, tmp_path / "out", "a")
    assert caught.value.code is Code.ZIP_TOO_LARGE


async def test_a_damaged_entry(tmp_path: Path) -> None:
    """A flipped bit shows in the checksum; the entry is named."""
    path = write_zip(tmp_path / "a.zip", {"a": b"alpha" * 100})
    data = bytearray(path.read_bytes())
    data[60] ^= 1
    path.write_bytes(data)
    with pytest.raises(BadInputError) as caught:
        await unpack(path, tmp_path / "out", "a")
    assert caught.value.code is Code.ZIP_CORRUPT
    assert "'a'" in caught.value.message


async def test_mutated_archives(tmp_path: Path) -> None:
    """Of 300 archives with a few bytes changed each is read or refused by a code, and raises nothing else."""
    good = write_zip(tmp_path / "a.zip", small_entries(), method=zipfile.ZIP_DEFLATED).read_bytes()
    rng, codes = random.Random(4), set()
    for number in range(300):
        data = bytearray(good)
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path = tmp_path / "mutated.zip"
        path.write_bytes(data)
        try:
            await unpack(path, tmp_path / f"out{number}", *await read(path))
        except BadInputError as error:
            codes.add(error.code)
    assert codes >= {Code.ZIP_CORRUPT}
    assert all(code.startswith("ZIP_") for code in codes)


@settings(max_examples=300)
@given(ARCHIVES)
def test_any_archive_is_read_or_refused(data: bytes) -> None:
    """What is read has plain names, and unpacks to just the bytes that it says; all else has a code."""
    with tempfile.TemporaryDirectory() as folder:
        path, into = Path(folder) / "a.zip", Path(folder) / "out"
        path.write_bytes(data)
        try:
            names = module._entries(path, 100, MEGABYTE)
            written = anyio.run(partial(unpack, path, into, *names))
        except BadInputError as error:
            assert error.code.startswith("ZIP_")
            assert error.message.isprintable()
            return
        assert not [name for name in names if name.startswith("/") or ".." in name.split("/")]
        assert written == sum(file.stat().st_size for file in into.iterdir()) <= MEGABYTE
        assert len(list(into.iterdir())) == len(set(names))
