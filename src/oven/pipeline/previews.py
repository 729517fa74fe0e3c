"""Previews of scenes: one still a strategy, made while somebody waits for it."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio

from oven.domain.asset import Asset
from oven.domain.errors import BadInputError, Code, TransientError
from oven.domain.scene import Scene
from oven.media.preview import INPUT, STRATEGIES, StrategyName, preview_file, take_preview
from oven.media.source import source_of_facts
from oven.pipeline.excerpt import Scenery, bring_excerpt
from oven.pipeline.ports import Tools
from oven.pipeline.workspaces import WorkFolders
from oven.recipes.steps import Target

# Each may keep two processors busy; encodes go on beside.
AT_ONCE = 2
WAIT_S = 3.0
TIMEOUT_S = 10.0
# Some three hundred previews.
KEPT_BYTES = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """How a scene would look: a JPEG a strategy, of the frame at `at_s` seconds since the video's begin."""

    at_s: float
    images: Mapping[StrategyName, bytes]

    @property
    def size_bytes(self) -> int:
        return sum(map(len, self.images.values()))


# An asset, as it is now, and a scene's times in it.
Key = tuple[str, int, float, float]


@dataclass(slots=True, kw_only=True)
class Previews:
    """Makes previews, some at once, and remembers the latest."""

    tools: Tools
    folders: WorkFolders
    timeout_s: float = TIMEOUT_S
    wait_s: float = WAIT_S
    kept_bytes: int = KEPT_BYTES
    _turns: anyio.Semaphore = field(default_factory=lambda: anyio.Semaphore(AT_ONCE))
    _kept: OrderedDict[Key, Preview] = field(default_factory=OrderedDict)

    async def of(self, scene: Scene, asset: Asset) -> Preview:
        """Make a preview of a scene in an asset that is READY; who is cancelled leaves nothing behind.

        Raises:
            ConflictError: PREVIEW_UNAVAILABLE.
            BadInputError: what can be no short, or has no picture that can be decoded there.
            TransientError: PREVIEWS_BUSY, ENCODE_TIMEOUT, DOWNLOAD_….
            OvenError: STORAGE_DENIED, DISK_FULL, ENCODER_UNAVAILABLE.

        """
        key = (asset.id, asset.updated_ms, scene.start_s, scene.end_s)
        if (kept := self._recall(key)) is not None:
            return kept
        async with self._turn():
            # Whoever had the turn before may have made the very same.
            if (kept := self._recall(key)) is not None:
                return kept
            try:
                with anyio.fail_after(self.timeout_s):
                    preview = await self._make(scene, asset)
            except TimeoutError as error:
                text = f"the preview was not ready after {self.timeout_s:g} s"
                raise TransientError(Code.ENCODE_TIMEOUT, text) from error
            self._keep(key, preview)
            return preview

    async def _make(self, scene: Scene, asset: Asset) -> Preview:
        source = source_of_facts(asset.facts, size_bytes=asset.size_bytes)
        scenery = Scenery(
            target=Target(asset.bucket, asset.key), source=source, start_s=scene.start_s, end_s=scene.end_s
        )
        async with self.folders.passing() as folder:
            glance = await bring_excerpt(scenery, folder / INPUT, self.tools)
            taking = take_preview(source, glance, start_s=scene.start_s, end_s=scene.end_s)
            said: list[str] = []
            await self.tools.encoder.take_stills(
                taking.arguments,
                folder,
                timeout_s=self.timeout_s,
                memory_bytes=taking.memory_bytes,
                say=said.append,
                is_awaited=True,
            )
            images = {
                strategy: await self.tools.files.read_all(folder / preview_file(strategy))
                for strategy in STRATEGIES
            }
        if not all(images.values()):
            text = "no picture of the scene can be decoded"
            raise BadInputError(Code.MEDIA_INVALID, text, detail="".join(said))
        return Preview(at_s=glance.at_s, images=images)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        with anyio.move_on_after(self.wait_s) as waiting:
            await self._turns.acquire()
        if waiting.cancelled_caught:
            raise TransientError(
                Code.PREVIEWS_BUSY, f"{AT_ONCE} previews are being made already; ask again in a few seconds"
            )
        try:
            yield
        finally:
            self._turns.release()

    def _recall(self, key: Key) -> Preview | None:
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def _keep(self, key: Key, preview: Preview) -> None:
        self._kept[key] = preview
        while sum(kept.size_bytes for kept in self._kept.values()) > self.kept_bytes:
            self._kept.popitem(last=False)
