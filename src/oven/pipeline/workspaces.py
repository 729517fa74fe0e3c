"""What the pipeline asks of work directories, in our words."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from oven.recipes.plan import Result


class Workspace(Protocol):
    """One attempt's files; each finished step's stand under its digest and survive the attempt."""

    async def recall(self, step: str, digest: str) -> Result | None:
        """Give a finished step's result where its files still stand, whole."""
        ...

    async def begin(self, step: str) -> Path:
        """Make an empty folder for a step to work in."""
        ...

    async def keep(self, step: str, digest: str, result: Result) -> None:
        """Move a step's folder to where finished steps stand, with its result."""
        ...

    def locate(self, reference: str) -> Path:
        """Find a file of a step that was kept or recalled: "extract/000012.png"."""
        ...


class WorkFolders(Protocol):
    """The work directories of all jobs."""

    def workspace(self, job_id: str, token: str) -> Workspace:
        """Give an attempt its workspace."""
        ...

    async def discard_attempt(self, job_id: str, token: str) -> None:
        """Remove what an attempt did not finish."""
        ...

    async def discard_job(self, job_id: str) -> None:
        """Remove all that was made for a job."""
        ...

    def passing(self) -> AbstractAsyncContextManager[Path]:
        """Make a folder for something that is no job; it goes with the block, or when a daemon starts.

        Raises:
            OvenError: DISK_FULL, STORAGE_DENIED.

        """
        ...

    async def sweep(self, token_of: Callable[[str], str | None]) -> None:
        """Remove all of jobs that have ended, and what attempts did not finish.

        Args:
            token_of: gives the token of the attempt that works on a job, if one does; its files stay.

        """
        ...
