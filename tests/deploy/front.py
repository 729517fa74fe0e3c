"""The Caddyfile as it is on a server, run by the real Caddy on ports of the tests' own."""

import json
import os
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import anyio.lowlevel
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import Connection

from tests.ports import free_port
from tests.tools import tool

if TYPE_CHECKING:
    from aiohttp.client_proto import ResponseHandler

CADDYFILE = Path(__file__).parents[2] / "Caddyfile"
# Caddy gives such names certificates of an authority of its own.
DOMAIN = "oven.localhost"
START_S = 30.0
END_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where Caddy listens, and what it writes."""

    folder: Path
    http_port: int
    https_port: int
    metrics_port: int
    # So many downloads at once reach Oven.
    downloads: int = 1000

    @property
    def base(self) -> str:
        return f"https://{DOMAIN}:{self.https_port}"

    @property
    def socket(self) -> Path:
        """What Oven is to listen on; a path of a socket may be no longer than 107 characters."""
        return self.folder / "oven.sock"

    @property
    def access_log(self) -> Path:
        return self.folder / "access.log"

    @property
    def journal(self) -> Path:
        return self.folder / "caddy.log"

    @property
    def root(self) -> Path:
        """The certificate of Caddy's own authority."""
        return self.folder / "caddy/pki/authorities/local/root.crt"

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "XDG_DATA_HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder),
            "DOMAIN": DOMAIN,
            "OVEN_SOCKET": str(self.socket),
            "ACCESS_LOG": str(self.access_log),
            "CADDY_ADMIN": str(self.folder / "admin.sock"),
            "HTTP_PORT": str(self.http_port),
            "HTTPS_PORT": str(self.https_port),
            "METRICS_PORT": str(self.metrics_port),
            "DOWNLOADS": str(self.downloads),
        }

    def caddy(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of Caddy on the Caddyfile."""
        config = ("--config", str(CADDYFILE), "--adapter", "caddyfile")
        command = [tool("caddy"), *arguments, *config]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False, timeout=50
        )

    def logged(self) -> list[Any]:
        """Read the access log."""
        return [json.loads(line) for line in self.access_log.read_text().splitlines()]


def new_place(folder: Path) -> Place:
    return Place(folder=folder, http_port=free_port(), https_port=free_port(), metrics_port=free_port())


@contextmanager
def running_caddy(place: Place) -> Iterator[None]:
    """Run Caddy until the block ends; it answers, whether Oven does or not."""
    command = ["setpriv", "--pdeathsig", "KILL", "--", tool("caddy"), "run"]
    command += ["--config", str(CADDYFILE), "--adapter", "caddyfile"]
    with (
        place.journal.open("a") as journal,
        subprocess.Popen(command, env=place.environment, stdout=journal, stderr=journal) as process,
    ):
        try:
            _await_certificate(place, process)
            yield
        finally:
            process.send_signal(signal.SIGKILL)


def _await_certificate(place: Place, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            context = ssl.create_default_context(cafile=str(place.root))
            with (
                socket.create_connection(("127.0.0.1", place.https_port)) as plain,
                context.wrap_socket(plain, server_hostname=DOMAIN),
            ):
                return
        except OSError:
            # Nothing tells when its certificate is made.
            time.sleep(0.05)
    raise RuntimeError(f"Caddy did not start: {place.journal.read_text()}")


class _Here(AbstractResolver):
    """Every name is this machine."""

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host="127.0.0.1", port=port, family=family or socket.AF_INET, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        return


class _Connections(aiohttp.TCPConnector):
    """Connections by TLS take a moment to end, for which aiohttp does not wait: here it can be waited for."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.made: list[ResponseHandler] = []

    async def connect(self, *given: Any, **named: Any) -> Connection:
        connection = await super().connect(*given, **named)
        if connection.protocol is not None:
            self.made.append(connection.protocol)
        return connection

    async def ended(self) -> None:
        for protocol in self.made:
            if protocol.closed is not None:
                # However it ends.
                with suppress(aiohttp.ClientError, OSError):
                    await protocol.closed
        # Its socket is closed right after.
        await anyio.lowlevel.checkpoint()


@asynccontextmanager
async def visiting(place: Place, **options: Any) -> AsyncIterator[aiohttp.ClientSession]:
    """Give a client from outside, which trusts Caddy's own authority alone."""
    context = ssl.create_default_context(cafile=str(place.root))
    connector = _Connections(resolver=_Here(), ssl=context, force_close=True, limit=0)
    timeout = aiohttp.ClientTimeout(total=50)
    try:
        async with aiohttp.ClientSession(
            place.base, connector=connector, timeout=timeout, **options
        ) as client:
            yield client
    finally:
        with anyio.move_on_after(END_S, shield=True):
            await connector.ended()
