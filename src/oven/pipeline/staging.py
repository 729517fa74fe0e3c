"""What an attempt has begun to store: it appears at a commit, or goes with the attempt."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from oven.media.containers import HEAD_BYTES, content_type_of
from oven.pipeline.files import Files
from oven.pipeline.growing import Growing
from oven.pipeline.storage import StagedObject, Storage
from oven.recipes.steps import Target, Tee


@dataclass(slots=True, kw_only=True)
class Staging:
    """Holds staged objects of one attempt by their targets, from one step to another."""

    storage: Storage
    files: Files
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _whole: dict[Target, StagedObject] = field(default_factory=dict)

    async def stage(
        self, target: Target, *, content_type: str, is_public: bool, cache_control: str = ""
    ) -> StagedObject:
        """Begin an object, which is taken back at the attempt's end unless it was committed."""
        staging = self.storage.stage(
            target, content_type=content_type, is_public=is_public, cache_control=cache_control
        )
        return await self._stack.enter_async_context(staging)

    async def follow(self, tee: Tee, source: Path, growing: Growing) -> None:
        """Send a file that is still growing, to its end; what it is shows in its first bytes."""
        await growing.reach(HEAD_BYTES)
        head = await self.files.read_head(source, HEAD_BYTES)
        staged = await self.stage(tee.target, content_type=content_type_of(head), is_public=tee.is_public)
        await staged.write(source, growing)
        self._whole[tee.target] = staged

    def held(self, target: Target) -> StagedObject | None:
        """Give what was sent of an object by an earlier step of this attempt, all of it, if it was."""
        return self._whole.pop(target, None)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Staging"]:
        """Take back, at the end, whatever was not committed."""
        async with self._stack:
            yield self
