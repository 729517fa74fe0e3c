"""Imports in tests: media to import, hosts that give them slowly, and what became of them."""

import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import anyio
from aiohttp import web

from tests.daemons import Daemon
from tests.serving import serving

MIB = 1 << 20
ETAG = '"the one"'


def clip(folder: Path, *options: str, name: str = "clip.mp4") -> bytes:
    """Make a second of numbered pictures, 64 × 48, with sound; `options` stand before the output."""
    file = folder / name
    sources = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", "-f", "lavfi", "-i", "sine=d=1")
    command = ["ffmpeg", "-v", "error", "-y", *sources, *options, "-movflags", "+faststart", str(file)]
    subprocess.run(command, check=True)
    return file.read_bytes()


def padded(mp4: bytes, size_bytes: int) -> bytes:
    """Make an MP4 as large as that, by a box that means nothing."""
    rest = size_bytes - len(mp4)
    return mp4 + rest.to_bytes(4, "big") + b"free" + bytes(rest - 8)


@dataclass(slots=True)
class Host:
    """Gives files by their paths; so many bytes of each at once, the rest when `gate` is open.

    `rate_bytes_s` bounds how fast.
    """

    base: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    at_once: int | None = None
    rate_bytes_s: int | None = None
    gate: anyio.Event = field(default_factory=anyio.Event)
    asked: list[str] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        data = self.files.get(request.path)
        if data is None:
            return web.Response(status=404)
        response = web.StreamResponse(headers={"Content-Length": str(len(data)), "ETag": ETAG})
        await response.prepare(request)
        for start in range(0, len(data), MIB):
            if self.at_once is not None and start >= self.at_once:
                await self.gate.wait()
            await response.write(data[start : start + MIB])
            if self.rate_bytes_s is not None:
                await anyio.sleep(MIB / self.rate_bytes_s)
        return response


@asynccontextmanager
async def running_host(**files: bytes) -> AsyncIterator[Host]:
    """Listen on a free port; names of files have _ for a dot."""
    host = Host(files={f"/{name.replace('_', '.')}": data for name, data in files.items()})
    app = web.Application()
    app.router.add_get("/{path:.*}", host.handle)
    async with serving(app, handler_cancellation=True, shutdown_timeout=0.1) as port:
        host.base = f"http://127.0.0.1:{port}"
        yield host


@dataclass(slots=True)
class Importer:
    """Asks one daemon."""

    daemon: Daemon
    client: aiohttp.ClientSession
    headers: dict[str, str] = field(default_factory=dict)

    async def post(self, url: str, **fields: Any) -> tuple[int, dict[str, Any]]:
        """Import → the answer's status and body."""
        return await self.ask("POST", "/api/v1/media/import-from-url", json={"url": url, **fields})

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, dict[str, Any]]:
        async with self.client.request(
            method, f"{self.daemon.base}{path}", headers=self.headers, **options
        ) as answer:
            return answer.status, await answer.json() if answer.content_length else {}

    async def settled(self, asset_id: str) -> dict[str, Any]:
        """Wait until an asset is there, or will not come."""
        with anyio.fail_after(50):
            while True:
                _, asset = await self.ask("GET", f"/api/v1/media/{asset_id}")
                if asset["status"] in {"READY", "FAILED"}:
                    return asset
                await anyio.sleep(0.02)

    async def brought(self, url: str, **fields: Any) -> dict[str, Any]:
        """Import, and wait for what comes of it."""
        status, asset = await self.post(url, **fields)
        assert status in {201, 202}, asset
        return await self.settled(asset["id"])

    async def spans(self, asset: dict[str, Any]) -> dict[str, tuple[float, float]]:
        """Give when each step of an asset's last attempt began and ended, in seconds since 1970."""
        job = asset["metadata"]["import_job_id"]
        with anyio.fail_after(20):
            while True:
                _, timeline = await self.ask("GET", f"/v1/jobs/{job}/timeline")
                attempt = timeline["attempts"][-1]
                # It is written down a moment after its asset is there.
                if attempt["endedAt"] and all(step["seconds"] is not None for step in attempt["steps"]):
                    break
                await anyio.sleep(0.02)
        began = {
            step["name"]: (datetime.fromisoformat(step["startedAt"]).timestamp(), step["seconds"])
            for step in attempt["steps"]
        }
        return {name: (at, at + seconds) for name, (at, seconds) in began.items()}


@asynccontextmanager
async def importing(daemon: Daemon, **headers: str) -> AsyncIterator[Importer]:
    """Ask a daemon, as whoever the headers say."""
    async with aiohttp.ClientSession() as client:
        yield Importer(daemon, client, headers)
