"""Downloads that break off and are not gone on with, or not for ever."""

from contextlib import suppress
from functools import partial
from ipaddress import ip_network
from pathlib import Path

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from oven.adapters import download as download_module
from oven.adapters import fetch as fetch_module
from oven.adapters.egress import Egress, EgressPolicy
from oven.adapters.fetch import HttpFetcher
from oven.domain.errors import Code, OvenError
from tests.breaking import ETAG, End, Length, Way, breaking, give, refuse, say
from tests.fetching import FILE, LIMIT, TRIES, failure, fetch, is_whole

SILENT = say(b"", End.RESET)


@pytest.mark.parametrize(
    "headers",
    [{"ETag": ""}, {"ETag": 'W/"v1"'}, {"ETag": "v1"}, {"ETag": '"é"'}, {"Accept-Ranges": "none"}],
)
@pytest.mark.parametrize("end", [End.CLOSE, End.RESET])
async def test_nothing_to_go_by(tmp_path: Path, headers: dict[str, str], end: End) -> None:
    """Without a promise of the same bytes a break is a break, and the job's to try again."""
    async with breaking(FILE, give(1000, end=end, headers=headers), give()) as host:
        error = await failure(host, tmp_path / "f")
    assert (error.code, error.retryable, len(host.asked)) == (Code.DOWNLOAD_TRUNCATED, True, 1)


async def test_a_reset_is_no_end(tmp_path: Path) -> None:
    """Not even where only the connection's end tells the body's."""
    async with breaking(FILE, give(1000, end=End.RESET, length=Length.CLOSE, headers={"ETag": ""})) as host:
        error = await failure(host, tmp_path / "f")
    assert (error.code, error.retryable) == (Code.DOWNLOAD_TRUNCATED, True)


def whole(etag: str = ETAG) -> Way:
    """Give all of it, whatever was asked for."""
    return lambda asked, file: give(headers={"ETag": etag})(asked._replace(headers={}), file)


@pytest.mark.parametrize(
    "way",
    [
        whole(),
        whole('"v2"'),
        give(headers={"ETag": '"v2"'}),
        give(headers={"ETag": 'W/"v1"'}),
        give(headers={"ETag": ""}),
        give(headers={"Content-Range": ""}),
        give(headers={"Content-Range": f"bytes 999-{len(FILE) - 1}/{len(FILE)}"}),
        give(headers={"Content-Range": f"bytes 0-{len(FILE) - 1}/{len(FILE)}"}),
        give(headers={"Content-Range": f"bytes 1000-{len(FILE)}/{len(FILE) + 1}"}),
        give(headers={"Content-Range": f"bytes 1000-{len(FILE)}/{len(FILE)}"}),
        give(headers={"Content-Range": f"bytes 1000-999/{len(FILE)}"}),
        give(headers={"Content-Range": "bytes */1000"}),
        give(headers={"Content-Range": "bytes 1000-"}),
        give(headers={"Content-Type": "multipart/byteranges; boundary=x", "Content-Range": ""}),
        refuse(416, headers={"Content-Range": "bytes */1000"}),
    ],
)
async def test_what_does_not_go_on(tmp_path: Path, way: Way) -> None:
    """Another file, another part, or all of it: nothing of it is written, and the job begins anew."""
    async with breaking(FILE, give(1000), way) as host:
        error = await failure(host, tmp_path / "f")
    assert (error.code, error.retryable, len(host.asked)) == (Code.DOWNLOAD_CHANGED, True, 2)
    assert (tmp_path / "f").read_bytes() == FILE[:1000]


async def test_a_part_that_is_too_long(tmp_path: Path) -> None:
    """Is found out before more is written than there can be."""
    sizes = {"Content-Range": "bytes 1000-1999/2000"}
    async with breaking(
        FILE, give(1000, length=Length.CHUNKED), give(length=Length.CHUNKED, headers=sizes)
    ) as host:
        assert (await failure(host, tmp_path / "f")).code is Code.DOWNLOAD_CHANGED
    assert (tmp_path / "f").stat().st_size <= 2000


@pytest.mark.parametrize("size_bytes", [LIMIT, LIMIT + 1])
async def test_the_limit_over_the_sum(tmp_path: Path, size_bytes: int) -> None:
    """A size that only shows when it is gone on with is held against the limit, too."""
    file = bytes(size_bytes)
    async with breaking(file, give(1000, length=Length.CHUNKED), give(length=Length.CHUNKED)) as host:
        if size_bytes == LIMIT:
            assert is_whole(await fetch(host, tmp_path / "f"), tmp_path / "f", file)
            return
        error = await failure(host, tmp_path / "f")
    assert (error.code, error.retryable) == (Code.DOWNLOAD_TOO_LARGE, False)
    assert error.message == "the video has more than 1,000,000 bytes, which is the limit"
    assert (tmp_path / "f").stat().st_size == 1000


@pytest.mark.parametrize(
    ("way", "code"),
    [
        (give(0), Code.DOWNLOAD_TRUNCATED),
        (refuse(503), Code.DOWNLOAD_FAILED),
        (refuse(429), Code.DOWNLOAD_FAILED),
        (refuse(206, headers={"Content-Length": "x"}), Code.DOWNLOAD_FAILED),
        (SILENT, Code.DOWNLOAD_FAILED),
        (say(b"no HTTP\r\n\r\n"), Code.DOWNLOAD_FAILED),
    ],
)
async def test_going_on_in_vain(tmp_path: Path, way: Way, code: Code) -> None:
    """Is tried a few times, and then it is what it was at last."""
    async with breaking(FILE, give(1000), way) as host:
        error = await failure(host, tmp_path / "f")
    assert (error.code, error.retryable) == (code, True)
    # aiohttp sends a request itself again where the connection ended without a word.
    assert set(host.starts[1:]) == {1000}
    assert len(host.starts) == 1 + TRIES * (2 if way is SILENT else 1)


async def test_not_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that lets go after every byte is given up."""
    monkeypatch.setattr(fetch_module, "MAX_RESUMES", 9)
    async with breaking(FILE, give(1)) as host:
        error = await failure(host, tmp_path / "f")
    assert (error.code, error.retryable) == (Code.DOWNLOAD_TRUNCATED, True)
    assert host.starts == [None, *range(1, 10)]


@pytest.mark.parametrize(
    ("way", "code"),
    [
        (refuse(404), Code.DOWNLOAD_REJECTED),
        (refuse(204), Code.DOWNLOAD_REJECTED),
        (refuse(410), Code.DOWNLOAD_EXPIRED),
        (give(headers={"Content-Encoding": "gzip"}), Code.DOWNLOAD_ENCODING_REFUSED),
    ],
)
async def test_refusals_in_between(tmp_path: Path, way: Way, code: Code) -> None:
    """Are what they are at the first request, and final."""
    async with breaking(FILE, give(1000), way) as host:
        error = await failure(host, tmp_path / "f")
    assert (error.code, error.retryable, len(host.asked)) == (code, False, 2)


async def test_no_going_on_before_there_is_anything(tmp_path: Path) -> None:
    """A host that does not answer at first is the job's to try again."""
    async with breaking(FILE, refuse(503), give()) as host:
        assert (await failure(host, tmp_path / "f")).code is Code.DOWNLOAD_FAILED
    assert len(host.asked) == 1


async def test_one_deadline(tmp_path: Path) -> None:
    """A step's own, if it has one; a pause does not outlast it."""
    async with breaking(FILE, give(1000)) as host:
        with anyio.fail_after(10):
            error = await failure(host, tmp_path / "f", timeout_s=0.2, pauses_s=(30.0,))
    assert (error.code, error.retryable) == (Code.DOWNLOAD_TIMEOUT, True)
    assert error.message == "the host of the video took more than 0.2 s"


async def test_a_good_beginning_excuses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that trickles is too slow, however fast the one before was."""
    monkeypatch.setattr(download_module, "PATIENCE_S", 0.1)
    gate = anyio.Event()
    async with (
        breaking(FILE, give(len(FILE) - 100), give(gate=gate)) as host,
        anyio.create_task_group() as group,
    ):

        async def open_late() -> None:
            await anyio.sleep(0.3)
            gate.set()

        group.start_soon(open_late)
        error = await failure(host, tmp_path / "f")
    assert (error.code, error.retryable) == (Code.DOWNLOAD_TOO_SLOW, True)


async def dribble(start: bytes, piece: bytes, stream: SocketStream) -> None:
    """Answer, and then send ever more of what is no byte of the file."""
    with suppress(anyio.BrokenResourceError):
        async with stream:
            await stream.receive()
            await stream.send(start)
            while True:
                await stream.send(piece)
                await anyio.sleep(0.02)


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b"HTTP/1.1 200 So\r\n", b"X: y\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 So\r\nTransfer-Encoding: chunked\r\n\r\n5;a=", b"x"),
    ],
    ids=["a head without an end", "go on, and on", "an extension of a chunk"],
)
async def test_bytes_that_are_none_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: bytes, piece: bytes
) -> None:
    """Hold nobody up: a slot is free again long before the time for the whole file is over."""
    monkeypatch.setattr(download_module, "STALL_S", 0.2)
    policy = EgressPolicy(networks=(ip_network("127.0.0.0/8"),))
    fetcher = HttpFetcher(
        egress=Egress(policy=policy, head_timeout_s=0.2), timeout_s=5, source_hosts=frozenset()
    )
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - not Django's
        async with anyio.create_task_group() as group:
            group.start_soon(listener.serve, partial(dribble, start, piece))
            with pytest.raises(OvenError) as caught:
                await fetcher.fetch(
                    f"http://127.0.0.1:{port}/",
                    tmp_path / "f",
                    label="the video",
                    max_bytes=LIMIT,
                    timeout_s=None,
                    report=lambda _: None,
                )
            group.cancel_scope.cancel()
    assert (caught.value.code, caught.value.retryable) == (Code.DOWNLOAD_TIMEOUT, True)
    assert caught.value.message == "the host took too long to answer"
