"""Asking the running daemon, over HTTP."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from oven import client
from oven.cli.terminal import fail
from oven.domain.errors import BadInputError, Code, FaultError, OvenError
from oven.settings import Settings, read_settings

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound here


def ask(
    method: str,
    *names: str,
    as_json: bool,
    query: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
) -> Any:
    """Ask the daemon that these settings describe → its JSON.

    Args:
        method: of HTTP.
        names: the path below /v1, whatever characters are in them.
        as_json: how to complain.
        query: the query.
        body: what is sent as JSON.

    Raises:
        typer.Exit: it refused, or is not there; said why.

    """
    path = "".join(f"/{quote(name, safe='', errors='replace')}" for name in names)
    with asking(as_json=as_json) as oven:
        return oven.transport.ask(method, f"/v1{path}", query=query, body=body)


@contextmanager
def asking(*, as_json: bool) -> Iterator[client.Oven]:
    """Give the daemon that these settings describe, in whose name it is the admin who asks.

    Nobody waits for a daemon that is not there: nothing is asked twice.

    Raises:
        typer.Exit: it refused, or is not there; said why.

    """
    try:
        yield _daemon(read_settings())
    except client.OvenError as error:
        raise fail(_own(error), as_json=as_json) from error
    except OvenError as error:
        raise fail(error, as_json=as_json) from error


def _daemon(settings: Settings) -> client.Oven:
    try:
        return client.Oven(_address(settings), settings.admin_token.get_secret_value(), tries=1)
    except ValueError as error:
        raise BadInputError(
            Code.SETTINGS_INVALID, f"HOST, PORT or OVEN_ADMIN_TOKEN cannot be used: {error}"
        ) from error


def _own(error: client.OvenError) -> OvenError:
    """Give a refusal as one of our own errors; a newer daemon's may have a code that is not known here."""
    if isinstance(error, client.UnreachableError):
        hint = "Start it with oven serve, or set HOST and PORT, or OVEN_SOCKET, to where it listens."
        return FaultError(Code.DAEMON_UNREACHABLE, error.message, hint=hint)
    code = Code(error.code) if error.code in set(Code) else Code.INTERNAL
    return BadInputError(code, error.message, hint=error.hint)


def _address(settings: Settings) -> str:
    if settings.socket:
        return f"unix:{settings.socket}"
    # What listens everywhere listens on loopback, too.
    host = EVERYWHERE.get(settings.host, settings.host)
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"
