"""Kitchens in tests: where one step is carried out, with real tools."""

from contextlib import nullcontext
from pathlib import Path

from oven.adapters.workspace import FolderWorkspace
from oven.pipeline.attempt import unfenced
from oven.pipeline.bench import Bench
from oven.pipeline.perform import perform
from oven.pipeline.ports import Tools
from oven.pipeline.staging import Staging
from oven.recipes.plan import Result
from oven.recipes.steps import Step


class Kitchen:
    """One job's workspace, into which files are put as if a step had made them."""

    def __init__(self, tools: Tools, root: Path) -> None:
        self.tools = tools
        self.folder = root
        self.told: list[float] = []
        self.workspace = FolderWorkspace(root / "work", job="j", token="t")
        self.staging = Staging(storage=tools.storage, files=tools.files)

    async def has(self, **files: bytes) -> None:
        """Put files, whose names have _ for a dot, into the finished step `src`."""
        folder = await self.workspace.begin("src")
        for name, data in files.items():
            (folder / name.replace("_", ".")).write_bytes(data)
        await self.workspace.keep("src", "digest", {})

    async def does(self, step: Step) -> tuple[Result, Path]:
        bench = await self.bench(step.name)
        return await perform(step, self.tools, bench), bench.folder

    async def bench(self, step: str) -> Bench:
        """Give a step its place."""
        return Bench(
            folder=await self.workspace.begin(step),
            workspace=self.workspace,
            report=lambda fraction, _=None, /: self.told.append(fraction),
            say=lambda _: None,
            confirm=unfenced,
            staging=self.staging,
            span=lambda _: nullcontext(),
            hold=self.tools.budget.hold,
        )
