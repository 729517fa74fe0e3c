"""Downloads that break off and are gone on with."""

import random
from pathlib import Path

import aiohttp
import anyio
import pytest

from oven.adapters import download as download_module
from oven.domain.errors import Code
from tests.breaking import ETAG, End, Length, Way, breaking, give, refuse
from tests.fetching import FILE, TRIES, failure, fetch, is_whole


@pytest.mark.parametrize("cut", [1, 17, 65_536, 150_000, len(FILE) - 1])
async def test_one_break(tmp_path: Path, cut: int) -> None:
    """Gone on with from there, of this very file; the digest is the whole file's."""
    async with breaking(FILE, give(cut), give()) as host:
        assert is_whole(await fetch(host, tmp_path / "f"), tmp_path / "f")
    assert host.starts == [None, cut]
    assert "if-range" not in host.asked[0].headers
    assert host.asked[1].headers["if-range"] == ETAG
    assert {asked.headers["accept-encoding"] for asked in host.asked} == {"identity"}
    assert {asked.path for asked in host.asked} == {"/t.mp4?sig=a%2Fb"}


async def test_a_hasty_break(tmp_path: Path) -> None:
    """What came and was not read yet may be lost with the connection; then it is asked for again."""
    way = give(200_000)
    hasty: Way = lambda asked, file: way(asked, file)._replace(reached=0)  # noqa: E731
    async with breaking(FILE, hasty, give()) as host:
        assert is_whole(await fetch(host, tmp_path / "f"), tmp_path / "f")
    assert (host.starts[1] or 0) <= 200_000


@pytest.mark.parametrize("seed", range(8))
async def test_many_breaks(tmp_path: Path, seed: int) -> None:
    """At any places, of any kind, of a body of any form: the file is whole."""
    chance = random.Random(seed)
    ways = [
        give(
            chance.randrange(60_000),
            end=chance.choice([End.CLOSE, End.RESET]),
            length=chance.choice([Length.TOLD, Length.CHUNKED]),
        )
        for _ in range(chance.randrange(2, 12))
    ]
    async with breaking(FILE, *ways, give(length=chance.choice([Length.TOLD, Length.CHUNKED]))) as host:
        assert is_whole(await fetch(host, tmp_path / "f"), tmp_path / "f")
    assert len(host.asked) > 2


async def test_a_host_that_falls_silent(tmp_path: Path) -> None:
    """Is asked again, for the rest."""
    limits = aiohttp.ClientTimeout(sock_read=0.2)
    async with breaking(FILE, give(1000, end=End.SILENCE), give()) as host:
        assert is_whole(await fetch(host, tmp_path / "f", limits=limits), tmp_path / "f")
    assert host.starts == [None, 1000]


async def test_short_parts(tmp_path: Path) -> None:
    """A host may give less of the rest than it was asked for; it is asked for more."""
    part = give(
        100_000, headers={"Content-Range": f"bytes 1000-100999/{len(FILE)}", "Content-Length": "100000"}
    )
    async with breaking(FILE, give(1000), part, give()) as host:
        assert is_whole(await fetch(host, tmp_path / "f"), tmp_path / "f")
    assert host.starts == [None, 1000, 101_000]


@pytest.mark.parametrize("length", [Length.CHUNKED, Length.CLOSE])
async def test_an_unknown_length(tmp_path: Path, length: Length) -> None:
    """Its end is its end; a break before is one, and the rest's answer tells the size."""
    async with breaking(FILE, give(length=length)) as host:
        assert is_whole(await fetch(host, tmp_path / "f"), tmp_path / "f")
    assert len(host.asked) == 1
    async with breaking(FILE, give(length=length, cut=70_000, end=End.RESET), give(length=length)) as host:
        assert is_whole(await fetch(host, tmp_path / "f"), tmp_path / "f")
    assert len(host.asked) == 2


async def test_all_there_but_the_end(tmp_path: Path) -> None:
    """What breaks off after its last byte lacks nothing, once its size is known."""
    chunked = give(len(FILE) - 1000, length=Length.CHUNKED)
    async with breaking(FILE, give(1000), chunked, give()) as host:
        assert is_whole(await fetch(host, tmp_path / "f"), tmp_path / "f")
    assert host.starts == [None, 1000]


async def test_a_break_before_the_first_byte(tmp_path: Path) -> None:
    """Asked for as at first, for there is nothing to go on with."""
    async with breaking(FILE, give(0), give(headers={"ETag": '"v2"'})) as host:
        assert is_whole(await fetch(host, tmp_path / "f"), tmp_path / "f")
    assert host.starts == [None, None]


async def test_a_part_without_a_size(tmp_path: Path) -> None:
    """Is taken where the size is known; else nobody could tell whether it is the last."""
    part = give(headers={"Content-Range": f"bytes 1000-{len(FILE) - 1}/*"})
    async with breaking(FILE, give(1000), part) as host:
        assert is_whole(await fetch(host, tmp_path / "f"), tmp_path / "f")
    async with breaking(FILE, give(1000, length=Length.CHUNKED), part) as host:
        assert (await failure(host, tmp_path / "f")).code is Code.DOWNLOAD_CHANGED


async def test_every_byte_is_progress(tmp_path: Path) -> None:
    """A try that brought some lets as many be in vain again."""
    vain = [refuse(503)] * (TRIES - 1)
    async with breaking(FILE, give(1000), *vain, give(1), *vain, give()) as host:
        assert is_whole(await fetch(host, tmp_path / "f"), tmp_path / "f")
    assert host.starts == [None, *[1000] * TRIES, *[1001] * TRIES]


async def test_redirected_anew(tmp_path: Path) -> None:
    """The URL that was given is asked each time, for what it leads to may have expired."""
    first, second = (refuse(307, headers={"Location": f"/signed?n={number}"}) for number in range(2))
    async with breaking(FILE, first, give(1000), second, give()) as host:
        assert is_whole(await fetch(host, tmp_path / "f"), tmp_path / "f")
    given = "/t.mp4?sig=a%2Fb"
    assert [asked.path for asked in host.asked] == [given, "/signed?n=0", given, "/signed?n=1"]
    assert host.starts == [None, None, 1000, 1000]


async def test_what_was_there_before(tmp_path: Path) -> None:
    """A file of that name is written over."""
    (tmp_path / "f").write_bytes(bytes(2 * len(FILE)))
    async with breaking(FILE, give(1000), give()) as host:
        assert is_whole(await fetch(host, tmp_path / "f"), tmp_path / "f")


async def test_readers_are_told(tmp_path: Path) -> None:
    """What is said to be there another opener finds, exactly, while more comes, and over a break."""
    gates, into = [anyio.Event(), anyio.Event()], tmp_path / "f"
    half = (len(FILE) - 1000) // 2
    async with (
        breaking(FILE, give(1000, gate=gates[0]), give(gate=gates[1])) as host,
        anyio.create_task_group() as group,
    ):
        group.start_soon(fetch, host, into)
        growing = host.growing
        with anyio.fail_after(10):
            for number, size_bytes in enumerate((500, 1000 + half)):
                assert await growing.reach(size_bytes) == size_bytes
                assert into.read_bytes() == FILE[:size_bytes]
                gates[number].set()
            assert await growing.reach(len(FILE)) == len(FILE)
            assert into.read_bytes() == FILE
    # Whoever asked for it says that it is whole, once it is.
    assert not growing.is_whole


async def test_pauses_are_nobodys_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pace is a connection's own."""
    monkeypatch.setattr(download_module, "PATIENCE_S", 0.1)
    async with breaking(FILE[:4000], give(1000), give()) as host:
        assert is_whole(await fetch(host, tmp_path / "f", pauses_s=(0.3,)), tmp_path / "f", FILE[:4000])
