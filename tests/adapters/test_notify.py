"""What the service manager is told, by a daemon that is a process of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import anyio
import pytest

from oven.adapters.notify import SPEAK_EVERY_S, find_manager
from tests.commands import OVEN
from tests.daemons import running_daemon
from tests.managers import listening_manager

WATCHDOG = {"WATCHDOG_USEC": "600000"}


@pytest.mark.parametrize("is_abstract", [False, True], ids=["path", "abstract"])
def test_a_service_from_start_to_stop(tmp_path: Path, *, is_abstract: bool) -> None:
    """Ready once it answers, pings while it lives, and says that it stops."""
    with listening_manager(None if is_abstract else tmp_path) as manager:
        assert not manager.said
        with running_daemon(tmp_path / "data", NOTIFY_SOCKET=manager.address, **WATCHDOG) as daemon:
            ready = manager.hear_until("READY=1")
            with urllib.request.urlopen(f"{daemon.base}/health/live") as answer:  # noqa: S310 - loopback
                assert answer.status == 200
            assert f"STATUS=listening on {daemon.base}; 0 running, 0 waiting" in ready.split("\n")
            assert manager.said[0] == "EXTEND_TIMEOUT_USEC=30000000\nSTATUS=starting"
            assert not [said for said in manager.said[:-1] if "READY" in said]
            for _ in range(3):
                assert manager.hear_until("WATCHDOG=1") == "WATCHDOG=1"
            assert daemon.stop() == 0
            stopping = manager.hear_until("STOPPING=1")
        assert stopping == "STOPPING=1\nEXTEND_TIMEOUT_USEC=45000000\nSTATUS=stopping; 0 running"


def test_a_process_that_hangs(tmp_path: Path) -> None:
    """Sends no ping; then the manager's watchdog ends it."""
    with (
        listening_manager(tmp_path) as manager,
        running_daemon(tmp_path / "data", NOTIFY_SOCKET=manager.address, **WATCHDOG) as daemon,
    ):
        manager.hear_until("WATCHDOG=1")
        daemon.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, daemon.process.pid, os.WSTOPPED)
        manager.drop()
        manager.heard.settimeout(1.5)
        with pytest.raises(TimeoutError):
            manager.hear()
        manager.heard.settimeout(50)
        daemon.process.send_signal(signal.SIGCONT)
        manager.hear_until("WATCHDOG=1")


def test_a_start_that_takes_long(tmp_path: Path) -> None:
    """Is not given up while it goes on: it asks for more time, and is ready when it is."""
    program, gate = tmp_path / "ffmpeg", tmp_path / "gate"
    os.mkfifo(gate)
    program.write_text(f'#!/bin/sh\n[ -e {gate} ] && read _ < {gate}\nexec {shutil.which("ffmpeg")} "$@"\n')
    program.chmod(0o755)
    environment = {"PATH": os.environ["PATH"], "OVEN_DATA_DIR": str(tmp_path / "data"), "PORT": "0"}
    with listening_manager(tmp_path) as manager:
        environment |= {"NOTIFY_SOCKET": manager.address, "OVEN_FFMPEG": str(program)}
        with subprocess.Popen([*OVEN, "serve"], env=environment, stderr=subprocess.DEVNULL) as process:
            try:
                assert manager.hear() == "EXTEND_TIMEOUT_USEC=30000000\nSTATUS=starting"
                assert manager.hear() == "EXTEND_TIMEOUT_USEC=30000000"
                gate_end = os.open(gate, os.O_RDWR)
                gate.unlink()
                os.write(gate_end, b"go\n")
                manager.hear_until("READY=1")
                os.close(gate_end)
            finally:
                process.kill()


def test_a_stop_that_takes_long(tmp_path: Path) -> None:
    """Pings go on while jobs are let end, and the status says what is waited for."""
    with (
        listening_manager(tmp_path) as manager,
        socket.create_server(("127.0.0.1", 0)) as silent,
        running_daemon(
            tmp_path / "data", NOTIFY_SOCKET=manager.address, OVEN_DRAIN_S="5", **WATCHDOG
        ) as daemon,
    ):
        source = f"http://127.0.0.1:{silent.getsockname()[1]}/tape.zip"
        body = {"mongoId": "m", "slug": "a", "zipUrl": source, "callbackUrl": source, "callbackSecret": "s"}
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{daemon.base}/bake", json.dumps(body).encode(), headers)  # noqa: S310
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - loopback
            assert answer.status == 202
        manager.hear_until(f"STATUS=listening on {daemon.base}; 1 running, 0 waiting")
        daemon.process.send_signal(signal.SIGTERM)
        said = manager.hear_until("STOPPING=1")
        assert said == "STOPPING=1\nEXTEND_TIMEOUT_USEC=15000000\nSTATUS=stopping; 1 running"
        manager.hear_until("WATCHDOG=1")
        assert daemon.process.wait(50) == 0


async def test_a_loop_that_hangs(tmp_path: Path) -> None:
    """Sends no ping, though its process runs."""
    with listening_manager(tmp_path) as listener:
        manager = find_manager({"NOTIFY_SOCKET": listener.address, "WATCHDOG_USEC": "60000"})
        with manager.attended("starting"):
            manager.ready(lambda: "well")
            listener.drop()
            time.sleep(0.3)  # noqa: ASYNC251 - that is what it is about
            listener.heard.setblocking(False)
            with pytest.raises(BlockingIOError):
                listener.hear()
            listener.heard.settimeout(50)
            await anyio.sleep(0.1)
            assert listener.hear() == "WATCHDOG=1"


async def test_a_manager_that_is_busy(tmp_path: Path) -> None:
    """Is not waited for, and told later; it misses no word that counts."""
    with listening_manager(tmp_path) as listener:
        manager = find_manager({"NOTIFY_SOCKET": listener.address})
        with manager.attended("starting"):
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as others:
                others.setblocking(False)
                with pytest.raises(BlockingIOError):
                    while others.sendto(b"x", listener.address):
                        pass
            manager.ready(lambda: "well")
            listener.drop()
            await anyio.sleep(SPEAK_EVERY_S)
            with anyio.fail_after(50):
                assert await anyio.to_thread.run_sync(listener.hear) == "READY=1\nSTATUS=well"
            manager.stopping(lambda: "ending", within_s=1.5)
            assert listener.hear() == "STOPPING=1\nEXTEND_TIMEOUT_USEC=1500000\nSTATUS=ending"


def test_who_is_spoken_to() -> None:
    """Whoever the environment names, if it is a socket of this machine; pings only if they are for us."""
    assert find_manager({}).address == ""
    assert find_manager({"NOTIFY_SOCKET": "vsock:2:1"}).address == ""
    given = {"NOTIFY_SOCKET": "/run/notify", "WATCHDOG_USEC": "30000000"}
    assert find_manager(given).ping_every_s == 10
    assert find_manager(given | {"WATCHDOG_PID": "7"}, pid=7).ping_every_s == 10
    for changes in ({"WATCHDOG_PID": "8"}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "x"}):
        assert find_manager(given | changes, pid=7).ping_every_s is None
        assert find_manager(given | changes, pid=7).address == "/run/notify"
