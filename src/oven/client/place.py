"""Where an Oven listens: an address, or a unix socket."""

import http.client
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

UNIX = "unix:"
# What stands as the host in requests through a socket.
SOCKET_HOST = "oven"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What there is to know to connect; `prefix` is what comes before every path, without its last slash."""

    shown: str
    host: str
    port: int
    prefix: str = ""
    is_tls: bool = False
    socket: str = ""

    def connect(self, *, timeout_s: float) -> http.client.HTTPConnection:
        """Open a connection; each of its operations may take so long.

        Raises:
            OSError: nobody listens there.
            UnicodeError: the host is no name.

        """
        connection: http.client.HTTPConnection
        if self.socket:
            connection = _SocketConnection(SOCKET_HOST, timeout=timeout_s)
            connection.path = self.socket
        elif self.is_tls:
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(self.host, self.port, timeout=timeout_s, context=context)
        else:
            connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout_s)
        connection.connect()
        return connection


class _SocketConnection(http.client.HTTPConnection):
    """HTTP through a unix socket."""

    path = ""

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(self.path)
        except OSError:
            self.sock.close()
            raise


def place_of(url: str) -> Place:
    """Read the address of an Oven: http://HOST:PORT, https://HOST, or unix:/PATH of a socket.

    Raises:
        ValueError: it is none; without the address, for it may hold a password.

    """
    if url.startswith(UNIX):
        return Place(shown=url, host=SOCKET_HOST, port=0, socket=url.removeprefix(UNIX))
    message = "an address looks like https://oven.example.com or unix:/run/oven/oven.sock"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(message) from error
    is_tls = parts.scheme == "https"
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise ValueError(message)
    if parts.query or parts.fragment or not url.isprintable() or " " in url:
        raise ValueError(message)
    return Place(
        shown=url.rstrip("/"),
        host=parts.hostname,
        port=port or (443 if is_tls else 80),
        prefix=parts.path.rstrip("/"),
        is_tls=is_tls,
    )
