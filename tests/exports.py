"""Exports in tests: what is asked for, and what becomes of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import anyio

from tests.daemons import Daemon
from tests.imports import Host, Importer, clip, running_host

EXPORTS = "/api/exports"
ENDED = {"completed", "failed", "cancelled"}


class Exporter(Importer):
    """Asks one daemon for exports, too."""

    async def order(
        self, video_id: str, *operations: dict[str, Any], query: str = "", **fields: Any
    ) -> tuple[int, dict[str, Any]]:
        """Order an export → the answer's status and body."""
        body = {"videoId": video_id, "operations": list(operations), **fields}
        return await self.ask("POST", f"{EXPORTS}{query}", json=body)

    async def ended(self, export_id: str) -> dict[str, Any]:
        """Wait until an export has ended."""
        with anyio.fail_after(50):
            while True:
                _, export = await self.ask("GET", f"{EXPORTS}/{export_id}")
                if export["status"] in ENDED:
                    return export
                await anyio.sleep(0.02)

    async def made(self, video_id: str, *operations: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """Order an export, and wait for its end."""
        status, accepted = await self.order(video_id, *operations, **fields)
        assert status == 202, accepted
        return await self.ended(accepted["id"])


@asynccontextmanager
async def exporting(daemon: Daemon, **headers: str) -> AsyncIterator[Exporter]:
    """Ask a daemon, as whoever the headers say."""
    async with aiohttp.ClientSession() as client:
        yield Exporter(daemon, client, headers)


def operation(kind: str, **options: Any) -> dict[str, Any]:
    """Write an operation."""
    return {"type": kind, "options": options}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Assets of alice's by what they are, one that failed, what is bob's; and the host that had them."""

    film: str
    picture: str
    broken: str
    bobs: str
    host: Host


@asynccontextmanager
async def filled_shelf(ask: Exporter, folder: Path, picture: bytes) -> AsyncIterator[Shelf]:
    """Bring all of it, as the admin."""
    brought: dict[str, str] = {}
    files = {"film_mp4": clip(folder), "picture_png": picture, "page_mp4": b"<!doctype html>"}
    async with running_host(**files) as host:

        async def bring(name: str, file: str, owner: str, kind: str, called: str) -> None:
            url = f"{host.base}/{file}"
            brought[name] = (await ask.brought(url, user_id=owner, type=kind, name=called))["id"]

        async with anyio.create_task_group() as group:
            group.start_soon(bring, "film", "film.mp4", "alice", "video", "T\u00e4gliche \u00dcbung.mp4")
            group.start_soon(bring, "picture", "picture.png", "alice", "image", "a mark")
            group.start_soon(bring, "broken", "page.mp4", "alice", "video", "a page")
            group.start_soon(bring, "bobs", "picture.png", "bob", "image", "a mark")
        yield Shelf(**brought, host=host)
