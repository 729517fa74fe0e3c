"""Where one step is carried out."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import anyio

from oven.pipeline.budget import Hold
from oven.pipeline.ports import Pace, Say
from oven.pipeline.staging import Staging
from oven.pipeline.workspaces import Workspace
from oven.recipes.plan import Artifact


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where a step works: its own folder, the files of earlier steps, and whom it tells and asks.

    `span` takes note of a part of the step by its name; `staging` holds what is on its way into a store;
    `hold` waits for the memory of a step that learns by itself how much it needs.
    """

    folder: Path
    workspace: Workspace
    report: Pace
    say: Say
    confirm: Callable[[Artifact], Awaitable[None]]
    staging: Staging
    span: Callable[[str], AbstractContextManager[None]]
    hold: Hold

    async def sizes(self, files: Sequence[str]) -> Mapping[str, int]:
        """Give the sizes, in bytes, of those files that are in its folder."""
        made = {file: self.folder / file for file in files}
        return {file: await size_of(path) for file, path in made.items() if await anyio.Path(path).is_file()}


async def size_of(file: Path) -> int:
    """Give the size of a file in bytes."""
    return (await anyio.Path(file).stat()).st_size
