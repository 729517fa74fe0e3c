"""Hosts that do not give a tape: they refuse, lie, trickle, never end, or lead elsewhere."""

import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
from anyio.abc import AnyByteStream, SocketAttribute
from anyio.streams.tls import TLSListener
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from oven.domain.errors import Code
from tests.corpus.archives import MAX_ZIP_BYTES
from tests.corpus.case import BadSource

# Where the hostile host is: the one address that the daemon may reach although private.
HOST = "127.0.0.77"
# Where nobody may ever go.
FORBIDDEN = "127.0.0.66"


def _said(status: str, *headers: str, body: bytes = b"") -> bytes:
    return "\r\n".join((f"HTTP/1.1 {status}", *headers, "", "")).encode() + body


def _to(location: str) -> bytes:
    return _said("302 Found", f"Location: {location}", "Content-Length: 0")


REJECTED = (
    *("204 No Content", "206 Partial Content", "300 Multiple Choices", "304 Not Modified"),
    *("400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "410 Gone", "451 Unavailable"),
)
PASSING = ("408 Request Timeout", "425 Too Early", "429 Too Many", "500 Error", "502 Gateway", "503 Busy")
# Where a redirect leads, and what is said of it.
REDIRECTS: Mapping[str, tuple[str, Code]] = {
    "metadata": ("https://169.254.169.254/latest/meta-data/", Code.URL_BLOCKED),
    "metadata-plain": ("http://169.254.169.254/latest/meta-data/", Code.URL_INVALID),
    "loopback": (f"https://{FORBIDDEN}/x", Code.URL_BLOCKED),
    "loopback-plain": (f"http://{FORBIDDEN}/x", Code.URL_INVALID),
    "loopback-port": (f"https://{FORBIDDEN}:2019/x", Code.URL_INVALID),
    "loopback-number": ("https://2130706498/x", Code.URL_BLOCKED),
    "loopback-mapped": ("https://[::ffff:7f00:42]/x", Code.URL_BLOCKED),
    "loopback-name": ("https://localhost/x", Code.URL_BLOCKED),
    "same-scheme": (f"//{FORBIDDEN}/x", Code.URL_INVALID),
    "file": ("file:///etc/passwd", Code.URL_INVALID),
    "ftp": ("ftp://tapes.example/x", Code.URL_INVALID),
    "user": ("https://user:pw@tapes.example/x", Code.URL_INVALID),
    "garbage": ("http://[", Code.URL_INVALID),
    "itself": ("/redirect/itself", Code.TOO_MANY_REDIRECTS),
    "nothing": ("", Code.TOO_MANY_REDIRECTS),
}
# How long before its redirect a host may dawdle; what it leads to never answers.
DAWDLES_S = 14.9
ODD_ANSWERS: Mapping[str, tuple[bytes, Code]] = {
    "no-http": (b"SSH-2.0-OpenSSH_9.2\r\n", Code.DOWNLOAD_FAILED),
    "no-status": (b"HTTP/1.1\r\n\r\n", Code.DOWNLOAD_FAILED),
    "nothing": (b"", Code.DOWNLOAD_FAILED),
    "header-of-100-kb": (_said("200 OK", "X: " + "x" * 100_000), Code.DOWNLOAD_FAILED),
    "10-000-headers": (_said("200 OK", *(f"X-{n}: x" for n in range(10_000))), Code.DOWNLOAD_FAILED),
    "two-lengths": (_said("200 OK", "Content-Length: 5", "Content-Length: 6"), Code.DOWNLOAD_FAILED),
    "no-length": (_said("200 OK", "Content-Length: many"), Code.DOWNLOAD_FAILED),
    "chunks-of-nonsense": (
        _said("200 OK", "Transfer-Encoding: chunked", body=b"zz\r\nxx\r\n"),
        Code.DOWNLOAD_FAILED,
    ),
    "chunks-without-end": (
        _said("200 OK", "Transfer-Encoding: chunked", body=b"5\r\nhello\r\n"),
        Code.DOWNLOAD_TRUNCATED,
    ),
    "short": (_said("200 OK", "Content-Length: 1000", body=b"x" * 10), Code.DOWNLOAD_TRUNCATED),
}
CODINGS = ("gzip", "deflate", "br", "zstd", "compress", "x-unknown", "gzip, gzip")


def cases(tls_port: int, port: int) -> Iterator[BadSource]:
    """Give every bad source, for a hostile host on two ports."""
    for status in REJECTED:
        # A link that was good once is told from one that never was.
        code = Code.DOWNLOAD_EXPIRED if status == "410 Gone" else Code.DOWNLOAD_REJECTED
        yield BadSource(name=f"answers {status}", code=code, path=f"/status/{status[:3]}")
    for status in PASSING:
        yield BadSource(
            name=f"answers {status}", code=Code.DOWNLOAD_FAILED, path=f"/status/{status[:3]}", is_retried=True
        )
    for name, (_, code) in REDIRECTS.items():
        yield BadSource(name=f"redirects: {name}", code=code, path=f"/redirect/{name}")
    for number, coding in enumerate(CODINGS):
        yield BadSource(
            name=f"compresses by {coding}", code=Code.DOWNLOAD_ENCODING_REFUSED, path=f"/coding/{number}"
        )
    for name, (_, code) in ODD_ANSWERS.items():
        yield BadSource(name=f"answers oddly: {name}", code=code, path=f"/odd/{name}", is_retried=True)
    yield BadSource(name="says it has too much", code=Code.DOWNLOAD_TOO_LARGE, path="/slow/declared")
    yield BadSource(name="never ends", code=Code.DOWNLOAD_TOO_LARGE, path="/slow/endless")
    yield BadSource(name="never ends, in chunks", code=Code.DOWNLOAD_TOO_LARGE, path="/slow/chunks")
    for name, code in {
        "silence": Code.DOWNLOAD_TIMEOUT,
        "headers": Code.DOWNLOAD_TIMEOUT,
        "continue": Code.DOWNLOAD_TIMEOUT,
        "dawdle": Code.DOWNLOAD_TIMEOUT,
        "trickle": Code.DOWNLOAD_TOO_SLOW,
    }.items():
        yield BadSource(name=f"takes its time: {name}", code=code, path=f"/slow/{name}", is_retried=True)
    yield BadSource(name="a certificate of nobody", code=Code.TLS_FAILED, url=f"https://{HOST}:{tls_port}/x")
    yield BadSource(name="TLS where there is none", code=Code.TLS_FAILED, url=f"https://{HOST}:{port}/x")
    yield BadSource(name="nobody there", code=Code.DOWNLOAD_FAILED, url=f"http://{HOST}:9/x", is_retried=True)
    yield BadSource(
        name="no such name", code=Code.DNS_FAILED, url="https://nobody.invalid/x", is_retried=True
    )
    for name in ("localhost", "LOCALHOST"):
        yield BadSource(name=f"a name for loopback: {name}", code=Code.URL_BLOCKED, url=f"https://{name}/x")


@dataclass(slots=True)
class HostileHost:
    """Serves `files`, and misbehaves on every other path; `called_back` holds what was posted, by path."""

    base: str = ""
    port: int = 0
    tls_port: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    called_back: dict[str, list[bytes]] = field(default_factory=dict)

    async def serve(self, stream: AnyByteStream) -> None:
        async with stream:
            # Whoever is refused hangs up in the middle.
            with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream, OSError):
                head = b""
                while b"\r\n\r\n" not in head:
                    head += await stream.receive()
                    if not head.startswith((b"GET ", b"POST ")):
                        await stream.send(_said("400 Bad Request"))
                        return
                lines, _, body = head.partition(b"\r\n\r\n")
                method, path, _ = lines.split(b"\r\n")[0].decode().split(" ")
                if method == "POST":
                    await self._take(stream, path, lines, body)
                else:
                    await self._answer(stream, path.partition("?")[0])

    async def _take(self, stream: AnyByteStream, path: str, lines: bytes, body: bytes) -> None:
        length = next(
            int(line.split(b":")[1])
            for line in lines.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        while len(body) < length:
            body += await stream.receive()
        self.called_back.setdefault(path, []).append(body)
        await stream.send(_said("200 OK", "Content-Length: 0", "Connection: close"))

    async def _answer(self, stream: AnyByteStream, path: str) -> None:
        if path in self.files:
            data = self.files[path]
            await stream.send(_said("200 OK", f"Content-Length: {len(data)}", "Connection: close", body=data))
            return
        _, kind, name = path.split("/")
        match kind:
            case "status":
                line = next(status for status in REJECTED + PASSING if status.startswith(name))
                await stream.send(_said(line, "Content-Length: 0"))
            case "redirect":
                await stream.send(_to(REDIRECTS[name][0]))
            case "odd":
                await stream.send(ODD_ANSWERS[name][0])
            case "coding":
                coding = CODINGS[int(name)]
                await stream.send(
                    _said("200 OK", f"Content-Encoding: {coding}", "Content-Length: 9", body=b"x" * 9)
                )
            case _:
                await self._misbehave(stream, name)

    async def _misbehave(self, stream: AnyByteStream, name: str) -> None:
        """Never come to an end."""
        if name == "dawdle":
            with anyio.move_on_after(DAWDLES_S):
                await self._misbehave(stream, "continue")
            await stream.send(_to("/slow/continue"))
            return
        megabyte = bytes(1 << 20)
        begun, piece, pause_s = {
            "declared": (_said("200 OK", f"Content-Length: {MAX_ZIP_BYTES + 1}"), b"", 60.0),
            "endless": (_said("200 OK"), megabyte, 0.0),
            "chunks": (
                _said("200 OK", "Transfer-Encoding: chunked"),
                b"100000\r\n" + megabyte + b"\r\n",
                0.0,
            ),
            "silence": (b"", b"", 60.0),
            "headers": (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", 0.5),
            "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.05),
            "trickle": (_said("200 OK"), b"x", 0.1),
        }[name]
        await stream.send(begun)
        while True:
            await stream.send(piece)
            await anyio.sleep(pause_s)


@asynccontextmanager
async def hostile_host(folder: Path) -> AsyncIterator[HostileHost]:
    """Run a hostile host, with and without TLS."""
    host = HostileHost()
    plain = await anyio.create_tcp_listener(local_host=HOST)
    secure = await anyio.create_tcp_listener(local_host=HOST)
    host.port = plain.extra(SocketAttribute.local_port)  # noqa: S610 - no Django
    host.tls_port = secure.extra(SocketAttribute.local_port)  # noqa: S610
    host.base = f"http://{HOST}:{host.port}"
    async with plain, secure, anyio.create_task_group() as group:
        group.start_soon(plain.serve, host.serve)
        group.start_soon(TLSListener(secure, _certificate(folder)).serve, host.serve)
        yield host
        group.cancel_scope.cancel()


def _certificate(folder: Path) -> ssl.SSLContext:
    """Make a certificate that nobody signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    began = datetime.now(UTC) - timedelta(days=1)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=2))
        .sign(key, hashes.SHA256())
    )
    both = folder / "hostile.pem"
    as_pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    both.write_bytes(key.private_bytes(*as_pem) + signed.public_bytes(serialization.Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(both)
    return context
