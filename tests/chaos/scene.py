"""Where exports are cancelled and killed: one order, whose every phase lasts, and what became of it."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio

from tests.daemons import running_daemon
from tests.exports import Exporter, exporting, operation
from tests.imports import clip
from tests.pngs import END, PIXELS, header, picture
from tests.site import Site, running_site

# A size that the first encode of the film misses, so that there is a second.
TARGET_BYTES = 16_000
NOISE = ("-vf", "noise=alls=60:allf=t:enable='gt(t,0.6)'")
SECRET = "a secret of the receiver's"
# What a cancelled export or a killed daemon leaves may be there so long.
GONE_S = 2.0
Keys = Callable[[], Awaitable[set[str]]]


@dataclass(slots=True, kw_only=True)
class Scene:
    """A data directory, a host of sources that takes callbacks, and the objects of exports in the store."""

    data: Path
    site: Site
    keys: Keys
    settings: dict[str, str] = field(default_factory=dict)
    # Whether a picture is laid over the film, which takes a process more.
    is_marked: bool = True
    film: str = ""
    orders: int = 0
    # How long an export takes where, once that is known.
    seconds: dict[str, float] = field(default_factory=dict)

    @asynccontextmanager
    async def daemon(self) -> AsyncIterator[Exporter]:
        """Start a daemon on the data; the first brings the film."""
        with running_daemon(self.data, **self.settings) as daemon:
            async with exporting(daemon) as ask:
                if not self.film:
                    self.film = (await ask.brought(f"{self.site.base}/film.mp4"))["id"]
                yield ask

    async def order(self, ask: Exporter) -> str:
        """Order what fetches, looks, encodes twice, proves and publishes; never the same twice."""
        self.orders += 1
        marks = [operation("watermark", image=f"{self.site.base}/mark.png")] if self.is_marked else []
        status, accepted = await ask.order(
            self.film,
            *marks,
            operation("compress", targetSize=TARGET_BYTES + self.orders % 100),
            operation("thumbnail", timestamps=[0, 0.5]),
            callbackUrl=f"{self.site.base}/done",
            callbackSecret=SECRET,
        )
        assert (status, accepted["status"]) == (202, "queued"), accepted
        return str(accepted["id"])

    async def told(self, export_id: str) -> dict[str, Any]:
        """Wait until an export's end was told → what was told, which was always the same."""
        with anyio.fail_after(20):
            while not (mine := self._callbacks(export_id)):
                await self.site.arrived.wait()
        assert len(set(mine)) == 1, mine
        body: dict[str, Any] = json.loads(mine[0][1])
        return body

    def _callbacks(self, export_id: str) -> list[tuple[str, bytes]]:
        posts = [(post.headers["webhook-id"], post.body) for post in self.site.received]
        return [post for post in posts if json.loads(post[1])["jobId"] == export_id]

    def folder(self, export_id: str) -> Path:
        """Give where an export is worked on."""
        return self.data / "work" / export_id

    def steps_now(self, export_id: str) -> set[str]:
        """Name the steps of an export that have begun and are not done."""
        # An attempt's folder has one for each; what is done stands in another, under other names.
        return {step.name for step in self.folder(export_id).glob("*/*") if step.parent.name != "done"}

    def rests(self) -> list[Path]:
        """List what a stopped daemon has left and should not have."""
        return [*(self.data / "work").iterdir(), *self.data.rglob("*.part")]


def made_by(export: dict[str, Any]) -> set[str]:
    """Give the keys of what an export says that it has made."""
    result = export["result"]
    return {each["key"] for each in (result["video"], *result["thumbnails"])}


async def stop(ask: Exporter) -> None:
    """Let a daemon stop, which waits for whom it answers: for us, too."""
    assert await anyio.to_thread.run_sync(ask.daemon.stop) == 0


async def gone(is_there: Callable[[], object]) -> None:
    """Wait until something is no longer so.

    Raises:
        TimeoutError: it is, after 2 s.

    """
    with anyio.fail_after(GONE_S):
        while is_there():
            await anyio.sleep(0.005)


async def attempts_of(ask: Exporter, export_id: str) -> list[dict[str, Any]]:
    """Give the attempts of an export as the timeline has them, when the last has ended."""
    with anyio.fail_after(20):
        while True:
            _, timeline = await ask.ask("GET", f"/v1/jobs/{export_id}/timeline")
            attempts: list[dict[str, Any]] = timeline["attempts"]
            # Its steps are written down a moment after its end.
            if not attempts or (attempts[-1]["endedAt"] and attempts[-1]["steps"]):
                return attempts
            await anyio.sleep(0.02)


def film(folder: Path) -> bytes:
    """Make a second of film that grows hard to encode where its encoder no longer expects it."""
    return clip(folder, *NOISE)


def local_keys(data: Path) -> Keys:
    """List what a local store has of exports."""
    folder = data / "private" / "local:results"

    async def keys() -> set[str]:
        files = (folder / "renditions").rglob("*")
        return {str(file.relative_to(folder)) for file in files if file.is_file()}

    return keys


@asynccontextmanager
async def scene(
    folder: Path, keys: Keys | None = None, *, is_marked: bool = True, **settings: str
) -> AsyncIterator[Scene]:
    """Make a scene in an empty folder; in a local store unless it is said how another is read."""
    data = folder / "data"
    async with running_site() as site:
        site.files["/film.mp4"] = film(folder)
        site.files["/mark.png"] = picture(header(), PIXELS, END)
        yield Scene(
            data=data, site=site, keys=keys or local_keys(data), settings=settings, is_marked=is_marked
        )
