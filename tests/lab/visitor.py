"""Somebody on the Internet, to whom a name leads to the guest."""

import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Names(AbstractResolver):
    """One name, and where it leads; no other is known."""

    name: str
    address: str

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host != self.name:
            raise OSError(f"{host} is not known here")
        found = ResolveResult(
            hostname=host, host=self.address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST
        )
        return [found]

    async def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Asks by https alone, and trusts one authority."""

    session: aiohttp.ClientSession
    base: str

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        """Ask → the status, and what was answered: JSON, or bytes."""
        url = path if path.startswith("https:") else self.base + path
        async with self.session.request(method, url, **options) as answer:
            if answer.status == 503 and "Retry-After" not in answer.headers:
                raise AssertionError("a 503 that does not say when to come again")
            is_json = answer.content_type.endswith("json")
            return answer.status, await answer.json(content_type=None) if is_json else await answer.read()


@asynccontextmanager
async def visiting(name: str, address: str, authority: Path) -> AsyncIterator[Visitor]:
    """Visit a site whose certificate an authority of its own has signed."""
    connector = aiohttp.TCPConnector(
        resolver=Names(name=name, address=address),
        ssl=ssl.create_default_context(cafile=str(authority)),
        force_close=True,
    )
    async with aiohttp.ClientSession(
        connector=connector, timeout=aiohttp.ClientTimeout(total=60), trust_env=False
    ) as session:
        yield Visitor(session=session, base=f"https://{name}")
