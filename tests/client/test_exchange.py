"""One request and its answer, on a connection of its own."""

import socket
import threading
import time
from pathlib import Path

import pytest

from oven.client.errors import UnreachableError
from oven.client.exchange import exchange
from oven.client.place import Place, place_of
from oven.client.transport import Transport

HEAD = b"HTTP/1.1 200 OK\r\nX-Request-Id: 1\r\n"


def served(listener: socket.socket, *parts: bytes, pause_s: float = 0.0) -> threading.Thread:
    """Answer one request with bytes, then close."""

    def serve() -> None:
        peer, _ = listener.accept()
        with peer:
            peer.recv(65_536)
            for part in parts:
                try:
                    peer.sendall(part)
                except OSError:
                    return
                time.sleep(pause_s)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return thread


def place(listener: socket.socket) -> Place:
    return place_of(f"http://127.0.0.1:{listener.getsockname()[1]}")


def test_a_unix_socket(tmp_path: Path) -> None:
    """Is asked as an address is."""
    path = tmp_path / "o.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        thread = served(listener, HEAD + b"Content-Length: 2\r\n\r\n", b"{}")
        assert Transport(place=place_of(f"unix:{path}")).ask("GET", "/x") == {}
        thread.join()
    with pytest.raises(UnreachableError, match="no Oven answers at unix:"):
        Transport(place=place_of(f"unix:{path}"), tries=1).ask("GET", "/x")


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"SSH-2.0-x\r\n",
        HEAD + b"Content-Length: 99\r\n\r\n{}",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        HEAD + b"X: y\r\n" * 200,
    ],
)
def test_half_an_answer(said: bytes) -> None:
    """Is none, whatever of it came; it is told in a sentence."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        served(listener, said)
        with pytest.raises(UnreachableError) as caught:
            Transport(place=place(listener), tries=1).ask("GET", "/x")
    assert caught.value.retryable
    assert "\n" not in str(caught.value)


def test_an_answer_that_does_not_end() -> None:
    """Is left after the time that a call may take, although something always comes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        served(listener, HEAD + b"\r\n", *[b" " * 70_000] * 100, pause_s=0.05)
        began = time.monotonic()
        with pytest.raises(UnreachableError):
            Transport(place=place(listener), timeout_s=0.5).ask("GET", "/x")
        assert time.monotonic() - began < 3


def test_silence() -> None:
    """Is left after the same time."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        pytest.raises(UnreachableError, match="timed out"),
        exchange(place(listener), "GET", "/", headers={}, timeout_s=0.2),
    ):
        pass


def test_a_host_that_is_none() -> None:
    """Is told, and not tried again."""
    with pytest.raises(UnreachableError) as caught:
        Transport(place=place_of(f"http://{'a' * 64}.example")).ask("GET", "/x")
    assert (caught.value.retryable, caught.value.is_sent) == (False, False)
