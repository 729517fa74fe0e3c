"""A host whose connections break: one answer a connection, ended in any way there is."""

import re
import socket
import struct
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

import anyio
from anyio.abc import SocketAttribute, SocketStream

from oven.pipeline.growing import Growing

ETAG = '"v1"'


class End(Enum):
    """What becomes of a connection after its last byte."""

    CLOSE = "closed properly"
    RESET = "reset"
    SILENCE = "left open, with nothing more on it"


class Length(Enum):
    """How an answer says where it ends."""

    TOLD = "Content-Length"
    CHUNKED = "the last chunk"
    CLOSE = "the connection's end, as in HTTP/1.0"


class Asked(NamedTuple):
    """One request: its path with its query, and its headers by their names in small letters."""

    path: str
    headers: dict[str, str]

    @property
    def start(self) -> int | None:
        """Where the part that is asked for begins, None where all is."""
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("range", ""))
        return None if found is None else int(found[1])


class Answer(NamedTuple):
    """What is sent, and how it ends; the connection waits for `gate` before the last of `parts`.

    `reached` is how much of the file whoever fetches it has then.
    """

    head: bytes
    parts: Sequence[bytes]
    end: End = End.CLOSE
    gate: anyio.Event | None = None
    reached: int = 0


Way = Callable[[Asked, bytes], Answer]


def give(
    cut: int | None = None,
    *,
    end: End = End.CLOSE,
    length: Length = Length.TOLD,
    gate: anyio.Event | None = None,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Way:
    """Give the file, or the part that is asked for, as a good host would; `cut` bytes of it, then break.

    Args:
        cut: so many bytes of the body come; None: all.
        end: what happens then.
        length: how the body's end is told.
        gate: opens before the second half of what comes.
        headers: what is other than a good host says; left out where empty.

    """

    def way(asked: Asked, file: bytes) -> Answer:
        start = asked.start if asked.headers.get("if-range", ETAG) == ETAG else None
        body = file[start or 0 :]
        told = {"ETag": ETAG, "Accept-Ranges": "bytes"}
        if start is not None:
            told["Content-Range"] = f"bytes {start}-{len(file) - 1}/{len(file)}"
        if length is Length.TOLD:
            told["Content-Length"] = str(len(body))
        if length is Length.CHUNKED:
            told["Transfer-Encoding"] = "chunked"
        sent = body if cut is None else body[:cut]
        halves = [sent[: len(sent) // 2], sent[len(sent) // 2 :]]
        if length is Length.CHUNKED:
            halves = [b"%x\r\n%b\r\n" % (len(half), half) for half in halves if half]
            if cut is None:
                halves.append(b"0\r\n\r\n")
        version = "HTTP/1.0" if length is Length.CLOSE else "HTTP/1.1"
        reached = 0 if cut is None else (start or 0) + cut
        return Answer(
            head(200 if start is None else 206, {**told, **headers}, version), halves, end, gate, reached
        )

    return way


def refuse(
    status: int,
    body: bytes = b"",
    *,
    end: End = End.CLOSE,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Way:
    """Answer with a status, and a body whose length is told where it ends properly."""

    def way(_: Asked, __: bytes) -> Answer:
        told = {"Content-Length": str(len(body))} if end is End.CLOSE else {}
        return Answer(head(status, {**told, **headers}, "HTTP/1.1"), [body], end)

    return way


def say(text: bytes, end: End = End.CLOSE) -> Way:
    """Send what may be no answer at all."""
    return lambda _, __: Answer(text, [], end)


def head(status: int, headers: dict[str, str], version: str) -> bytes:
    lines = [f"{version} {status} So", *(f"{name}: {value}" for name, value in headers.items() if value)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@dataclass(slots=True)
class BreakingHost:
    """Answers each request by the next of its `ways`, by the last ever after.

    A connection breaks once what came before is written, as `growing` tells: a client may lose the rest.
    """

    file: bytes
    ways: Sequence[Way]
    base: str = ""
    growing: Growing = field(default_factory=Growing)
    asked: list[Asked] = field(default_factory=list)

    @property
    def starts(self) -> list[int | None]:
        """Where what was asked for began, request by request."""
        return [asked.start for asked in self.asked]

    async def answer(self, stream: SocketStream) -> None:
        # Whoever has hung up is not waited for.
        with suppress(anyio.BrokenResourceError, anyio.EndOfStream):
            async with stream:
                asked = await _read(stream)
                way = self.ways[min(len(self.asked), len(self.ways) - 1)]
                self.asked.append(asked)
                answer = way(asked, self.file)
                await stream.send(answer.head)
                for number, part in enumerate(answer.parts):
                    if number and answer.gate is not None:
                        await answer.gate.wait()
                    await stream.send(part)
                await self.growing.reach(answer.reached)
                if answer.end is End.SILENCE:
                    await stream.receive()
                if answer.end is End.RESET:
                    raw: socket.socket = stream.extra(SocketAttribute.raw_socket)  # noqa: S610 - not Django's
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def _read(stream: SocketStream) -> Asked:
    read = b""
    while b"\r\n\r\n" not in read:
        read += await stream.receive()
    first, *lines = read.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
    pairs = (line.split(": ", 1) for line in lines)
    return Asked(first.split(" ")[1], {name.lower(): value for name, value in pairs})


@asynccontextmanager
async def breaking(file: bytes, *ways: Way) -> AsyncIterator[BreakingHost]:
    """Listen on a free port."""
    host = BreakingHost(file, ways or [give()])
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - not Django's
        host.base = f"http://127.0.0.1:{port}"
        async with anyio.create_task_group() as group:
            group.start_soon(listener.serve, host.answer)
            yield host
            group.cancel_scope.cancel()
