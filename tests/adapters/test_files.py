"""Files of this machine."""

import hashlib
import os
from pathlib import Path

import pytest

from oven.adapters.files import MAX_JSON_BYTES, LocalFiles
from oven.domain.errors import BadInputError, Code, FaultError, OvenError

FILES = LocalFiles(max_copied_bytes=100)


async def test_adopting_copies_nothing(tmp_path: Path) -> None:
    """The file is hashed and linked to."""
    source = tmp_path / "tape.zip"
    source.write_bytes(b"tape")
    into = tmp_path / "adopted.zip"
    result = await FILES.adopt(source, into, max_bytes=4)
    assert result == {"sha256": hashlib.sha256(b"tape").hexdigest(), "sizeBytes": 4}
    assert into.is_symlink()
    assert into.read_bytes() == b"tape"


async def test_adopting_too_much(tmp_path: Path) -> None:
    """Refused with both sizes."""
    source = tmp_path / "tape.zip"
    source.write_bytes(bytes(2_000_000))
    with pytest.raises(BadInputError) as caught:
        await FILES.adopt(source, tmp_path / "x", max_bytes=1_000_000)
    assert caught.value.code is Code.ZIP_TOO_LARGE
    assert "more than 1,000,000 bytes" in caught.value.message


@pytest.mark.parametrize("name", ["missing.zip", "folder", "pipe", "endless"])
async def test_adopting_what_is_no_file(tmp_path: Path, name: str) -> None:
    """NOT_FOUND, by the file's name, without its folder; a pipe is not waited for."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "endless").symlink_to("/dev/zero")
    with pytest.raises(BadInputError) as caught:
        await FILES.adopt(tmp_path / name, tmp_path / "x", max_bytes=1)
    assert caught.value.code is Code.NOT_FOUND
    assert str(tmp_path) not in caught.value.message


async def test_json_with_a_byte_order_mark(tmp_path: Path) -> None:
    """As some editors write it."""
    file = tmp_path / "a.json"
    file.write_bytes(b'\xef\xbb\xbf{"a": [1.5]}')
    assert await FILES.read_json(file, max_values=1_000) == {"a": [1.5]}


@pytest.mark.parametrize(
    "data", [b"", b"{", b"NaN", b"[Infinity]", b"\xff", b"[" * 100_000, b"[" * 21 + b"]" * 21, b"{'a': 1}"]
)
async def test_what_is_not_json(tmp_path: Path, data: bytes) -> None:
    """A ValueError that says nothing of paths."""
    file = tmp_path / "a.json"
    file.write_bytes(data)
    with pytest.raises(ValueError, match="e") as caught:
        await FILES.read_json(file, max_values=1_000)
    assert str(tmp_path) not in str(caught.value)


async def test_json_without_end(tmp_path: Path) -> None:
    """Its size is looked at first."""
    file = tmp_path / "a.json"
    with file.open("wb") as opened:
        opened.truncate(MAX_JSON_BYTES + 1)
    with pytest.raises(ValueError, match="more than"):
        await FILES.read_json(file, max_values=1_000)


async def test_json_of_very_many_values(tmp_path: Path) -> None:
    """A megabyte of empty lists would be 20 in memory: counted before it is parsed."""
    file = tmp_path / "a.json"
    file.write_bytes(b"[" + b"[]," * 300_000 + b"[]]")
    with pytest.raises(ValueError, match="more than 1000 values"):
        await FILES.read_json(file, max_values=1_000)


async def test_laying_out(tmp_path: Path) -> None:
    """Links with times of their own; a file that stands at two times is copied."""
    source = tmp_path / "a"
    source.write_bytes(b"a")
    first, second, plain = tmp_path / "in" / "0", tmp_path / "in" / "1", tmp_path / "in" / "2"
    links: list[tuple[Path, Path, int | None]] = [(source, first, 0), (source, second, 16_666_667)]
    await FILES.lay_out([*links, (source, plain, None)])
    assert [file.stat().st_mtime_ns for file in (first, second)] == [0, 16_666_667]
    assert first.stat().st_ino == source.stat().st_ino
    assert plain.read_bytes() == b"a"
    await FILES.remove(tmp_path / "in")
    assert not (tmp_path / "in").exists()
    assert source.exists()


async def test_laying_out_the_same_too_often(tmp_path: Path) -> None:
    """Copies are bounded."""
    source = tmp_path / "a"
    source.write_bytes(bytes(40))
    links: list[tuple[Path, Path, int | None]] = [(source, tmp_path / "in" / str(at), at) for at in range(4)]
    with pytest.raises(BadInputError) as caught:
        await FILES.lay_out(links)
    assert caught.value.code is Code.ZIP_TOO_LARGE


async def test_coarse_file_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the file system rounds times the schedule would be wrong: refused."""
    (tmp_path / "a").write_bytes(b"a")
    exact = os.utime
    monkeypatch.setattr(os, "utime", lambda file, *, ns: exact(file, ns=(ns[0], ns[1] // 10**9 * 10**9)))
    await FILES.lay_out([(tmp_path / "a", tmp_path / "in" / "0", 2 * 10**9)])
    with pytest.raises(FaultError, match="too coarsely"):
        await FILES.lay_out([(tmp_path / "a", tmp_path / "in" / "1", 2 * 10**9 + 10**8)])


async def test_a_file_in_pieces(tmp_path: Path) -> None:
    """Each at its place; between them are zeros that take no room, whatever is written first."""
    file = tmp_path / "film"
    await FILES.write_at(file, {5_000_000: b"end"}, size_bytes=5_000_003)
    await FILES.write_at(file, {0: b"begin", 9: b"more"}, size_bytes=5_000_003)
    made = await FILES.read_all(file)
    assert made == b"begin" + bytes(4) + b"more" + bytes(5_000_000 - 13) + b"end"
    assert file.stat().st_blocks * 512 < 100_000


async def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Reads as nothing; where none can be written, it is said in a sentence."""
    assert await FILES.read_all(tmp_path / "none") == b""
    with pytest.raises(OvenError):
        await FILES.write_at(tmp_path / "none" / "file", {}, size_bytes=1)
