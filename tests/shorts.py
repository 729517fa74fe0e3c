"""Shorts in tests: scenes, what is asked for of them, and what becomes of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import anyio

from tests.daemons import Daemon
from tests.imports import Importer

EXPORTS = "/v1/exports"
ENDED = {"completed", "failed"}


class Director(Importer):
    """Asks one daemon for scenes, and for shorts of them."""

    async def scene(self, video_id: str, start_s: float = 0.0, end_s: float = 0.2) -> str:
        """Make a part of a video a scene → its id."""
        status, scene = await self.ask(
            "POST", f"/v1/videos/{video_id}/scenes", json={"start_s": start_s, "end_s": end_s}
        )
        assert status == 201, scene
        return str(scene["id"])

    async def order(self, scene_id: str, **fields: Any) -> tuple[int, dict[str, Any]]:
        """Order a short → the answer's status and body."""
        return await self.ask("POST", f"/v1/scenes/{scene_id}/export-short", json=fields)

    async def told(self, export_id: str) -> dict[str, Any]:
        """Look at a short."""
        status, short = await self.ask("GET", f"{EXPORTS}/{export_id}")
        assert status == 200, short
        return short

    async def ended(self, export_id: str) -> dict[str, Any]:
        """Wait until a short has ended."""
        with anyio.fail_after(50):
            while (short := await self.told(export_id))["status"] not in ENDED:
                await anyio.sleep(0.02)
        return short

    async def made(self, scene_id: str, **fields: Any) -> dict[str, Any]:
        """Order a short, and wait for its end."""
        status, accepted = await self.order(scene_id, **fields)
        assert status == 202, accepted
        return await self.ended(accepted["export_id"])

    async def cancel(self, export_id: str) -> dict[str, Any]:
        _, short = await self.ask("DELETE", f"{EXPORTS}/{export_id}")
        return short


@dataclass(frozen=True, slots=True)
class Cast:
    """A user of one test alone, who asks, and a video of theirs that lasts a second."""

    ask: Director
    name: str
    video: str


@asynccontextmanager
async def directing(daemon: Daemon, **headers: str) -> AsyncIterator[Director]:
    """Ask a daemon, as whoever the headers say."""
    async with aiohttp.ClientSession() as client:
        yield Director(daemon, client, headers)


@asynccontextmanager
async def cast(daemon: Daemon, name: str, url: str, **admin: str) -> AsyncIterator[Cast]:
    """Let the admin make a user, and bring them a video."""
    async with directing(daemon, **admin) as ask:
        video = await ask.brought(url, user_id=name)
        _, key = await ask.ask("POST", "/v1/keys", json={"owner": name})
        ask.headers["Authorization"] = f"Bearer {key['key']}"
        yield Cast(ask, name, video["id"])
