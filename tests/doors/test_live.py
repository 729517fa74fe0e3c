"""WS /ws."""

from pathlib import Path
from typing import Any, cast

import aiohttp
import anyio
import pytest
from aiohttp.test_utils import make_mocked_request

from oven.domain.errors import Code, TransientError
from oven.doors import live as module
from oven.doors.live import LiveDoor, _at_rest
from oven.doors.status import StatusView
from oven.doors.watchers import Watchers
from oven.pipeline.pulse import Pulse
from tests.daemons import Daemon, running_daemon
from tests.doors.conftest import OUTSIDE
from tests.doors.watching import idle_client, served, until_cut_off
from tests.site import running_site
from tests.tapes import small_entries, write_zip

NOTHING: Any = cast("Any", None)


async def test_a_bake_is_seen_from_beginning_to_end(client: aiohttp.ClientSession, tmp_path: Path) -> None:
    """A snapshot at once, then one after each change, the last with the job done."""
    async with running_site() as site:
        site.files["/tape.zip"] = write_zip(tmp_path / "t.zip", small_entries()).read_bytes()
        with running_daemon(tmp_path / "data") as daemon:
            async with client.ws_connect(f"{daemon.base}/ws", headers=OUTSIDE) as socket:
                first = await socket.receive_json(timeout=5)
                assert (first["incoming"], first["active"], first["recent"]) == ([], [], [])
                assert set(first) >= {"version", "uptime", "concurrency", "recentLogs"}
                async with client.post(f"{daemon.base}/bake", json=site.ask(code="aBc")) as answer:
                    assert answer.status == 202
                said = first
                while not said["recent"]:
                    said = await socket.receive_json(timeout=20)
                (job,) = said["recent"]
                assert (job["code"], job["success"], said["active"]) == ("aBc", True, [])
                assert "aBc: done in" in said["recentLogs"][0]
                daemon.process.terminate()
                # What changes while it stops may still be told.
                message = await socket.receive(timeout=20)
                while message.type is aiohttp.WSMsgType.TEXT:
                    message = await socket.receive(timeout=20)
                assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1001)
            assert daemon.process.wait(20) == 0


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 101),
        ("http://{host}", 101),
        ("https://aesthetic.computer", 101),
        ("https://aesthetic.computer:8443", 101),
        ("https://oven.example.com", 101),
        ("https://evil.example", 403),
        ("https://aesthetic.computer.evil.example", 403),
        ("null", 403),
        ("http://[::1", 403),
    ],
)
async def test_whose_pages_may_watch(
    client: aiohttp.ClientSession, watched: Daemon, origin: str | None, status: int
) -> None:
    """Our own, and those that the operator lists."""
    host = watched.base.removeprefix("http://")
    headers = {} if origin is None else {"Origin": origin.format(host=host)}
    try:
        async with client.ws_connect(f"{watched.base}/ws", headers=headers) as socket:
            await socket.receive_json(timeout=5)
            assert status == 101
    except aiohttp.WSServerHandshakeError as error:
        assert error.status == status


async def test_no_handshake(client: aiohttp.ClientSession, watched: Daemon) -> None:
    """A plain request is told what is wrong."""
    async with client.get(f"{watched.base}/ws") as answer:
        assert (answer.status, answer.content_type) == (400, "application/problem+json")


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Any:
    settings = {"OVEN_ORIGINS": "aesthetic.computer", "OVEN_PUBLIC_URL": "https://oven.example.com"}
    with running_daemon(tmp_path_factory.mktemp("live") / "data", **settings) as daemon:
        yield daemon


class View:
    """A view that counts how often it is read."""

    reads = 0

    async def snapshot(self) -> dict[str, Any]:
        self.reads += 1
        return {"uptime": self.reads, "active": []}


def watching(view: View, watchers: Watchers) -> LiveDoor:
    return LiveDoor(view=view, pulse=Pulse(), origins=frozenset(), watchers=watchers)  # type: ignore[arg-type] # counts


async def test_many_watchers_are_one_reader() -> None:
    """However many ask at once."""
    view = View()
    door = watching(view, Watchers())
    async with anyio.create_task_group() as group:
        for _ in range(50):
            group.start_soon(door._fresh)
    assert view.reads == 1
    door.pulse.beat()
    await door._fresh()
    assert view.reads == 2


async def test_so_many_and_no_more() -> None:
    """The next is told to come later."""
    door = watching(View(), Watchers(most=0))
    request = make_mocked_request("GET", "/ws")
    with pytest.raises(TransientError) as caught:
        await door.open(request)
    assert caught.value.code is Code.TOO_MANY_WATCHERS


def test_time_alone_is_no_change() -> None:
    """Else it would be told again and again."""
    assert _at_rest({"uptime": 5, "active": [{"lastUpdate": 1, "code": "a"}]}) == {"active": [{"code": "a"}]}


class Growing(StatusView):
    """All bakes, which are more each time."""

    async def snapshot(self) -> Any:
        self.started_ms += 1
        return {"n": self.started_ms, "x": "x" * (1 << 20)}


class Silent(StatusView):
    """A store that answers the second time."""

    async def snapshot(self) -> Any:
        self.started_ms += 1
        if self.started_ms == 1:
            raise TransientError(Code.STORE_UNAVAILABLE, "the database does not answer")
        return {"n": self.started_ms}


def door_of(kind: type[StatusView]) -> LiveDoor:
    view = kind(service=NOTHING, slots=1, now_ms=lambda: 0, started_ms=0)
    return LiveDoor(view=view, pulse=Pulse(), origins=frozenset(), watchers=Watchers())


async def test_who_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is cut off, and what was kept for them is gone."""
    monkeypatch.setattr(module, "SEND_TIMEOUT_S", 0.3)
    monkeypatch.setattr(module, "EVERY_S", 0.01)
    door = door_of(Growing)
    handshake = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13")
    async with served(door) as port, anyio.create_task_group() as group:

        async def beat() -> None:
            while True:
                door.pulse.beat()
                await anyio.sleep(0.01)

        group.start_soon(beat)
        with idle_client(port, "/ws", *handshake, "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==") as lazy:
            await until_cut_off(lazy, within_s=10)
        with anyio.fail_after(5):
            while door.watchers.count or door.sockets:
                await anyio.sleep(0.02)
        group.cancel_scope.cancel()


async def test_a_store_that_does_not_answer(
    client: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is waited for: the socket stays open, and nothing else is written into it."""
    monkeypatch.setattr(module, "AGAIN_S", 0.05)
    async with served(door_of(Silent)) as port, client.ws_connect(f"http://127.0.0.1:{port}/ws") as socket:
        assert await socket.receive_json(timeout=5) == {"n": 2}


async def test_read_no_more_often_than_that(monkeypatch: pytest.MonkeyPatch) -> None:
    """However fast things change, and whenever who looks."""
    monkeypatch.setattr(module, "EVERY_S", 0.1)
    door, began = door_of(Growing), anyio.current_time()
    for _ in range(5):
        door.pulse.beat()
        await door._fresh()
    assert door.view.started_ms == 5
    assert anyio.current_time() - began > 0.35
