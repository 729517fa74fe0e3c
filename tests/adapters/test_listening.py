"""Sockets to listen on."""

import os
import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from oven.adapters.listening import listen_tcp, listen_unix
from oven.domain.errors import FaultError


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")])
def test_a_port_of_the_systems_choice(host: str, shown: str) -> None:
    """Its address is a URL."""
    listener, address = listen_tcp(host, 0)
    with listener:
        assert address == f"http://{shown}:{listener.getsockname()[1]}"


def test_a_unix_socket(tmp_path: Path) -> None:
    """For our group, too; one that a killed process left is replaced."""
    path = tmp_path / "run" / "oven.sock"
    with listen_unix(path):
        assert path.stat().st_mode & 0o777 == 0o660
    with listen_unix(path), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))


def test_a_umask_that_takes_all(tmp_path: Path) -> None:
    """Leaves our group's rights; a folder that is there keeps its own."""
    (tmp_path / "run").mkdir(mode=0o700)
    before = os.umask(0o077)
    try:
        for folder, mode in (("run", 0o700), ("new", 0o750)):
            with listen_unix(tmp_path / folder / "oven.sock"):
                assert (tmp_path / folder / "oven.sock").stat().st_mode & 0o777 == 0o660
            assert (tmp_path / folder).stat().st_mode & 0o777 == mode
    finally:
        os.umask(before)


def test_a_socket_whose_line_is_full(tmp_path: Path) -> None:
    """Is somebody's: nobody waits for them, and it stays."""
    path = tmp_path / "oven.sock"
    with socket.socket(socket.AF_UNIX) as busy, ExitStack() as waiting:
        busy.bind(str(path))
        busy.listen(0)
        try:
            while True:
                client = waiting.enter_context(socket.socket(socket.AF_UNIX))
                client.setblocking(False)
                client.connect(str(path))
        except BlockingIOError:
            pass
        with pytest.raises(FaultError, match="another process listens there"):
            listen_unix(path)
    assert path.exists()


def test_names_that_are_taken(tmp_path: Path) -> None:
    """By a process that listens, by a file; what stands there stays."""
    path = tmp_path / "oven.sock"
    with listen_unix(path), pytest.raises(FaultError, match="another process listens there"):
        listen_unix(path)
    (tmp_path / "file").write_bytes(b"dear")
    with pytest.raises(FaultError, match="something else"):
        listen_unix(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"dear"
    with pytest.raises(FaultError, match="OVEN_SOCKET"):
        listen_unix(tmp_path / ("x" * 120))
