"""Where attempts work, and where what they finished stands."""

import fcntl
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import orjson

from oven.adapters.os_errors import translated
from oven.pipeline.workspaces import WorkFolders, Workspace
from oven.recipes.plan import Result

RECORD = "step.json"
DONE = "done"
# Beside the jobs' folders: what is about to be removed.
GONE = ".gone"
LOCK = "lock"
SCRATCH_PREFIX = "oven-work-"
# No job is called so.
PASSING_PREFIX = "passing-"
# A scratch folder without a lock is somebody's who is just making it, or who died doing so.
UNLOCKED_GRACE_S = 600.0


class FolderWorkspace(Workspace):
    """The `Workspace` port: `{job}/{token}/{step}` while it is made, `{job}/done/{digest}` after.

    The record beside a finished step's files holds its result and their sizes; it counts only where the
    files stand with these sizes.
    """

    def __init__(self, root: Path, *, job: str, token: str) -> None:
        self._working = root / job / token
        self._done = root / job / DONE
        self._folders: dict[str, Path] = {}

    async def recall(self, step: str, digest: str) -> Result | None:
        folder = self._done / digest
        result = await anyio.to_thread.run_sync(_read_record, folder)
        if result is not None:
            self._folders[step] = folder
        return result

    async def begin(self, step: str) -> Path:
        folder = self._working / step
        await anyio.to_thread.run_sync(_make_empty, folder)
        return folder

    async def keep(self, step: str, digest: str, result: Result) -> None:
        folder = self._done / digest
        await anyio.to_thread.run_sync(_keep, self._working / step, folder, result)
        self._folders[step] = folder

    def locate(self, reference: str) -> Path:
        step, _, file = reference.partition("/")
        return self._folders[step] / file


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFolders(WorkFolders):
    """The `WorkFolders` port: `{root}/{job}`; `is_active` tells which jobs have not ended."""

    root: Path
    is_active: Callable[[str], Awaitable[bool]]
    # Folders of no job, that somebody is using.
    used: set[str] = field(default_factory=set)

    def workspace(self, job_id: str, token: str) -> Workspace:
        return FolderWorkspace(self.root, job=job_id, token=token)

    async def discard_attempt(self, job_id: str, token: str) -> None:
        await anyio.to_thread.run_sync(_remove, self.root / job_id / token)

    async def discard_job(self, job_id: str) -> None:
        await anyio.to_thread.run_sync(_remove, self.root / job_id)

    @asynccontextmanager
    async def passing(self) -> AsyncIterator[Path]:
        folder = self.root / f"{PASSING_PREFIX}{secrets.token_hex(8)}"
        # Until then a sweep takes it for a job's that has ended.
        self.used.add(folder.name)
        try:
            await anyio.to_thread.run_sync(_make_empty, folder)
            yield folder
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(_remove, folder)
            self.used.discard(folder.name)

    async def sweep(self, token_of: Callable[[str], str | None]) -> None:
        with translated("sweeping the work directories"):
            self.root.mkdir(parents=True, exist_ok=True)
            found = await anyio.to_thread.run_sync(lambda: list(self.root.iterdir()))
            folders = [folder for folder in found if folder.name != GONE]
        for folder in folders:
            if folder.name in self.used or token_of(folder.name) is not None:
                continue
            is_active = await self.is_active(folder.name)
            # Somebody may have begun meanwhile; without an await in between nobody can now.
            if token_of(folder.name) is None:
                parts = [part for part in folder.iterdir() if part.name != DONE] if is_active else [folder]
                for part in parts:
                    _set_aside(part, self.root / GONE)
        await anyio.to_thread.run_sync(_remove, self.root / GONE)


def _set_aside(folder: Path, gone: Path) -> None:
    """Take a folder out of the way at once; to remove it may take long."""
    gone.mkdir(exist_ok=True)
    with suppress(FileNotFoundError):
        folder.rename(gone / secrets.token_hex(8))


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """Make a folder that lasts as long as the block, and sweep those whose owners have died."""
    with translated("making a work folder"):
        parent.mkdir(parents=True, exist_ok=True)
        _sweep(parent)
        folder, lock = _make_locked(parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _make_locked(parent: Path) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=SCRATCH_PREFIX, dir=parent))
        try:
            lock = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Between the two lines above another's sweep may have taken the folder for abandoned.
        if (folder / LOCK).exists():
            return folder, lock
        os.close(lock)


def _sweep(parent: Path) -> None:
    for folder in parent.glob(f"{SCRATCH_PREFIX}*"):
        if _is_abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    try:
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return folder.exists() and time.time() - folder.stat().st_mtime > UNLOCKED_GRACE_S
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(lock)


def _make_empty(folder: Path) -> None:
    with translated("making a work folder"):
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)


def _keep(working: Path, folder: Path, result: Result) -> None:
    with translated("keeping a finished step"):
        record = {"result": result, "files": _sizes(working)}
        (working / RECORD).write_bytes(orjson.dumps(record))
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists():
            # A step that is done again has lost its files, or is the same to the byte.
            shutil.rmtree(folder)
        working.rename(folder)


def _read_record(folder: Path) -> Result | None:
    try:
        record = orjson.loads((folder / RECORD).read_bytes())
        if _sizes(folder) != record["files"]:
            return None
    except (OSError, ValueError, KeyError):
        return None
    result: Mapping[str, object] = record["result"]
    return result


def _sizes(folder: Path) -> dict[str, int]:
    """Give the size of every file below a folder, but for the record."""
    return {file: size for file, size in sorted(_files(str(folder), "")) if file != RECORD}


def _files(folder: str, below: str) -> Iterator[tuple[str, int]]:
    """Give the files below a folder as (name, bytes), without a `Path` for each of hundreds."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path, f"{below}{entry.name}/")
            elif entry.is_file():
                yield below + entry.name, entry.stat().st_size
