"""One request and its answer, on a connection of its own."""

import http.client
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPMessage

from oven.client.errors import UnreachableError
from oven.client.place import Place

CHUNK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer whose body is still to be read."""

    place: Place
    status: int
    headers: HTTPMessage
    response: http.client.HTTPResponse

    def chunks(self) -> Iterator[bytes]:
        """Give the body as it comes.

        Raises:
            UnreachableError: it broke off, or nothing came for too long.

        """
        while True:
            with _translated(self.place, is_sent=True):
                chunk = self.response.read(CHUNK_BYTES)
            if not chunk:
                break
            yield chunk
        # The library itself is content with less than was promised.
        if self.response.length:
            raise UnreachableError(f"the answer of {self.place.shown} broke off", is_sent=True)


@contextmanager
def exchange(
    place: Place,
    method: str,
    target: str,
    *,
    headers: Mapping[str, str | bytes],
    data: bytes | None = None,
    timeout_s: float,
) -> Iterator[Answer]:
    """Send a request, and give the answer, whatever its status.

    A connection is used once: nothing is shared between threads, or with a process that is forked.

    Args:
        place: who is asked.
        method: of HTTP.
        target: path and query, escaped, without the place's prefix.
        headers: beside those that HTTP needs.
        data: the body.
        timeout_s: of connecting, and of every pause.

    Raises:
        UnreachableError: there is none.

    """
    with _translated(place, is_sent=False):
        connection = place.connect(timeout_s=timeout_s)
    try:
        with _translated(place, is_sent=True):
            connection.request(method, f"{place.prefix}{target}", body=data, headers=dict(headers))
            response = connection.getresponse()
        yield Answer(place=place, status=response.status, headers=response.msg, response=response)
    finally:
        connection.close()


@contextmanager
def _translated(place: Place, *, is_sent: bool) -> Iterator[None]:
    try:
        yield
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        said = (error.strerror or str(error)) if isinstance(error, OSError) else ""
        reason = said or type(error).__name__
        raise UnreachableError(
            f"no Oven answers at {place.shown}: {reason[:1].lower()}{reason[1:]}",
            is_sent=is_sent,
            retryable=not isinstance(error, ssl.SSLCertVerificationError | UnicodeError),
        ) from error
