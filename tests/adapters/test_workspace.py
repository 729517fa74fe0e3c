"""Work directories: what is finished survives, what is abandoned is swept."""

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from oven.adapters import workspace as module
from oven.adapters.workspace import RECORD, FolderWorkspace, scratch
from oven.domain.errors import Code, OvenError


async def finish(workspace: FolderWorkspace, digest: str = "d1") -> None:
    folder = await workspace.begin("fetch")
    (folder / "tape.zip").write_bytes(b"tape")
    await workspace.keep("fetch", digest, {"sizeBytes": 4})


async def test_a_finished_step_is_found_by_the_next_attempt(tmp_path: Path) -> None:
    """By its digest, with its result and its files."""
    await finish(FolderWorkspace(tmp_path, job="j", token="first"))
    second = FolderWorkspace(tmp_path, job="j", token="second")
    assert await second.recall("fetch", "d1") == {"sizeBytes": 4}
    assert second.locate("fetch/tape.zip").read_bytes() == b"tape"
    assert await second.recall("fetch", "d2") is None


@pytest.mark.parametrize("harm", ["cut", "removed", "added", "unrecorded", "garbled"])
async def test_a_damaged_step_is_done_again(tmp_path: Path, harm: str) -> None:
    """A record holds only where its files stand with their sizes."""
    workspace = FolderWorkspace(tmp_path, job="j", token="t")
    await finish(workspace)
    file = workspace.locate("fetch/tape.zip")
    match harm:
        case "cut":
            file.write_bytes(b"tap")
        case "removed":
            file.unlink()
        case "added":
            (file.parent / "more").write_bytes(b"")
        case "unrecorded":
            (file.parent / RECORD).unlink()
        case _:
            (file.parent / RECORD).write_bytes(b"{")
    assert await workspace.recall("fetch", "d1") is None
    await finish(workspace)
    assert await workspace.recall("fetch", "d1") == {"sizeBytes": 4}


async def test_an_unfinished_step_starts_empty(tmp_path: Path) -> None:
    """What a broken-off try left is gone."""
    workspace = FolderWorkspace(tmp_path, job="j", token="t")
    ((await workspace.begin("fetch")) / "half").write_bytes(b"x")
    assert list((await workspace.begin("fetch")).iterdir()) == []


def test_scratch_lasts_as_long_as_its_block(tmp_path: Path) -> None:
    """Also when the block fails."""
    with pytest.raises(RuntimeError), scratch(tmp_path / "new") as folder:
        (folder / "file").write_bytes(b"x")
        raise RuntimeError
    assert list((tmp_path / "new").iterdir()) == []


def test_the_living_are_not_swept(tmp_path: Path) -> None:
    """Two at once do not touch each other."""
    with scratch(tmp_path) as first, scratch(tmp_path) as second:
        assert first.exists()
        assert second.exists()


def test_the_dead_are_swept(tmp_path: Path) -> None:
    """A killed process leaves its folder; the next one removes it."""
    program = (
        "import pathlib, sys, time\n"
        "from oven.adapters.workspace import scratch\n"
        "with scratch(pathlib.Path(sys.argv[1])) as folder:\n"
        "    print(folder, flush=True)\n"
        "    time.sleep(600)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        process.send_signal(signal.SIGKILL)
    assert left.exists()
    with scratch(tmp_path):
        assert not left.exists()


def test_a_folder_without_a_lock_has_some_grace(tmp_path: Path) -> None:
    """It may be being made; after ten minutes nobody is making it."""
    folder = tmp_path / f"{module.SCRATCH_PREFIX}abc"
    folder.mkdir()
    with scratch(tmp_path):
        assert folder.exists()
    os.utime(folder, (0, 0))
    with scratch(tmp_path):
        assert not folder.exists()


def test_the_lock_is_held(tmp_path: Path) -> None:
    """By flock, which the kernel drops with the process."""
    with (
        scratch(tmp_path) as folder,
        (folder / module.LOCK).open("rb") as lock,
        pytest.raises(BlockingIOError),
    ):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_no_place_to_work(tmp_path: Path) -> None:
    """A file where the folder should be: said in a sentence."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OvenError) as caught, scratch(tmp_path / "file" / "temp"):
        pass
    assert caught.value.code is Code.STORAGE_DENIED
    assert "while making a work folder" in caught.value.message
