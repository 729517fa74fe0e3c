"""Sockets to listen on."""

import resource
import socket
import stat
from contextlib import suppress
from pathlib import Path

from oven.adapters.os_errors import reason
from oven.domain.errors import Code, FaultError

# Who shares our group, a proxy for example, may connect, whatever our umask takes.
MODE, FOLDER_MODE = 0o660, 0o750


def allow_many_files() -> None:
    """Take as many file descriptors as we may have: each connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def listen_tcp(host: str, port: int) -> tuple[socket.socket, str]:
    """Take a port → the socket and its address as a URL.

    Raises:
        FaultError: SETTINGS_INVALID.

    """
    family, shown = (socket.AF_INET6, f"[{host}]") if ":" in host else (socket.AF_INET, host)
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise FaultError(
            Code.SETTINGS_INVALID,
            f"cannot listen on HOST {host}, PORT {port}: {reason(error)}",
            hint="Set HOST to an address of this machine, and PORT to one that nobody listens on.",
        ) from error
    return listener, f"http://{shown}:{listener.getsockname()[1]}"


def listen_unix(path: Path) -> socket.socket:
    """Make a unix socket; one that nobody listens on any more is replaced.

    Raises:
        FaultError: SETTINGS_INVALID.

    """
    listener = socket.socket(socket.AF_UNIX)
    try:
        if path.exists():
            _remove_stale(path)
        if not path.parent.exists():
            path.parent.mkdir(parents=True)
            path.parent.chmod(FOLDER_MODE)
        listener.bind(str(path))
        path.chmod(MODE)
        listener.listen()
    except OSError as error:
        listener.close()
        raise FaultError(
            Code.SETTINGS_INVALID,
            f"cannot listen on OVEN_SOCKET {path}: {reason(error)}",
            hint="Stop what listens there, or set another path.",
        ) from error
    return listener


def _remove_stale(path: Path) -> None:
    if not stat.S_ISSOCK(path.stat().st_mode):
        raise OSError("there is something else of that name")
    with socket.socket(socket.AF_UNIX) as probe:
        # One that listens and is too busy to answer is not waited for.
        probe.setblocking(False)
        with suppress(BlockingIOError):
            try:
                probe.connect(str(path))
            except ConnectionRefusedError:
                path.unlink()
                return
    raise OSError("another process listens there")
