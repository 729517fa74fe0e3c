"""Asking the running daemon, over HTTP."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
import anyio
import orjson
from yarl import URL

from oven.cli.terminal import fail
from oven.domain.errors import BadInputError, Code, FaultError, OvenError
from oven.settings import Settings, read_settings

TIMEOUT = aiohttp.ClientTimeout(total=30)
REFUSED = 400
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
    try:
        path = "".join(f"/{quote(name, safe='', errors='replace')}" for name in names)
        return anyio.run(_send, read_settings(), method, path, query or {}, body)
    except OvenError as error:
        raise fail(error, as_json=as_json) from error


async def _send(
    settings: Settings, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None
) -> Any:
    base, place = _base(settings), f"unix:{settings.socket}" if settings.socket else _base(settings)
    token = settings.admin_token.get_secret_value()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    connector = aiohttp.UnixConnector(str(settings.socket)) if settings.socket else None
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT, connector=connector) as session,
            session.request(
                method, URL(f"{base}/v1{path}", encoded=True), params=query, headers=headers, json=body
            ) as answer,
        ):
            said = orjson.loads(await answer.read())
    except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError) as error:
        raise FaultError(
            Code.DAEMON_UNREACHABLE,
            f"no Oven answers at {place}",
            hint="Start it with oven serve, or set HOST and PORT, or OVEN_SOCKET, to where it listens.",
        ) from error
    if not isinstance(said, dict) or "X-Request-Id" not in answer.headers:
        raise FaultError(Code.DAEMON_UNREACHABLE, f"what answers at {place} is no Oven")
    if answer.status >= REFUSED:
        raise BadInputError(Code(said["code"]), said["error"], hint=said.get("hint", ""))
    return said


def _base(settings: Settings) -> str:
    # What listens everywhere listens on loopback, too.
    host = EVERYWHERE.get(settings.host, settings.host)
    host = f"[{host}]" if ":" in host else host
    return "http://oven" if settings.socket else f"http://{host}:{settings.port}"
