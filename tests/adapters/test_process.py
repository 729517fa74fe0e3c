"""Children end with their scope, and leave nothing running."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import anyio
import pytest

from oven.adapters.process import (
    AWAITED_NICENESS,
    ENVIRONMENT,
    NICENESS,
    STDERR_KEPT_BYTES,
    OverdueError,
    missing_programs,
    run_child,
)

SH = "/bin/sh"


class Lines(list[str]):
    """What a child said, line by line."""

    def take(self, line: str) -> bool:
        self.append(line)
        return True


def shell(script: str) -> list[str]:
    return [SH, "-c", script]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while is_running(pid):
        assert time.monotonic() < deadline, f"process {pid} is still running"
        time.sleep(0.01)


async def wait_for_pid(file: Path) -> int:
    with anyio.fail_after(10):
        while not (file.exists() and file.read_text().strip()):
            await anyio.sleep(0.01)
    return int(file.read_text())


async def test_what_a_child_says(tmp_path: Path) -> None:
    """Lines of stdout as they come, the last one also without a newline; stderr and status at the end."""
    lines = Lines()
    script = "echo one; printf two; echo three >&2; exit 3"
    finished = await run_child(shell(script), folder=tmp_path, timeout_s=10, on_line=lines.take)
    assert lines == ["one", "two"]
    assert (finished.returncode, finished.stderr) == (3, "three\n")


async def test_a_child_reads_what_it_is_given(tmp_path: Path) -> None:
    """More than a pipe holds; and one that does not read is no error."""
    lines = Lines()
    given = b"x" * 1_000_000
    await run_child(shell("wc -c"), folder=tmp_path, timeout_s=10, stdin=given, on_line=lines.take)
    assert lines == ["1000000"]
    assert (await run_child(shell("exit 0"), folder=tmp_path, timeout_s=10, stdin=given)).returncode == 0


async def test_endless_stderr_is_bounded(tmp_path: Path) -> None:
    """Of 10 MB the end is kept."""
    script = "head -c 10000000 /dev/zero | tr '\\0' x >&2; echo end >&2"
    finished = await run_child(shell(script), folder=tmp_path, timeout_s=30)
    assert len(finished.stderr) <= STDERR_KEPT_BYTES
    assert finished.stderr.endswith("xend\n")


async def test_a_clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets of ours do not reach a child."""
    monkeypatch.setenv("CALLBACK_SECRET", "canary")
    lines = Lines()
    await run_child(["/usr/bin/env"], folder=tmp_path, timeout_s=10, on_line=lines.take)
    assert {line.split("=")[0] for line in lines} == set(ENVIRONMENT)


async def test_its_own_process_group(tmp_path: Path) -> None:
    """A child leads a group and a session, so that a signal to us is not one to it."""
    lines = Lines()
    program = "import os; print(os.getpid(), os.getpgid(0), os.getsid(0))"
    await run_child([sys.executable, "-c", program], folder=tmp_path, timeout_s=10, on_line=lines.take)
    pid, group, session = lines[0].split()
    assert pid == group == session


async def test_the_wall_clock(tmp_path: Path) -> None:
    """A child that takes too long is killed, and the cause is named, not guessed from the signal."""
    with pytest.raises(OverdueError) as caught:
        await run_child(shell("echo why >&2; sleep 60"), folder=tmp_path, timeout_s=0.5)
    assert not caught.value.stalled
    assert caught.value.stderr == "why\n"


async def test_a_stall(tmp_path: Path) -> None:
    """A child that moved and then stands still is killed before its time."""
    with pytest.raises(OverdueError) as caught:
        await run_child(
            shell("echo moved; sleep 60"), folder=tmp_path, timeout_s=60, stall_s=0.5, on_line=lambda _: True
        )
    assert caught.value.stalled


async def test_movement_is_no_stall(tmp_path: Path) -> None:
    """A child that keeps moving may take longer than the stall limit."""
    script = "for i in 1 2 3 4 5 6; do echo moved; sleep 0.2; done"
    finished = await run_child(
        shell(script), folder=tmp_path, timeout_s=60, stall_s=0.6, on_line=lambda _: True
    )
    assert finished.returncode == 0


async def test_cancelling_kills_the_whole_group(tmp_path: Path) -> None:
    """Also children of the child, and children that ignore being asked."""
    script = f"trap '' TERM INT HUP; sleep 600 & echo $! > {tmp_path}/inner; echo $$ > {tmp_path}/outer; wait"
    async with anyio.create_task_group() as group:
        group.start_soon(lambda: run_child(shell(script), folder=tmp_path, timeout_s=60))
        pids = [await wait_for_pid(tmp_path / name) for name in ("inner", "outer")]
        assert all(map(is_running, pids))
        group.cancel_scope.cancel()
    for pid in pids:
        wait_until_gone(pid)


async def test_what_a_child_leaves_behind_goes_with_it(tmp_path: Path) -> None:
    """A grandchild that holds the pipes open neither hangs us nor stays."""
    script = f"sleep 600 & echo $! > {tmp_path}/inner; exit 0"
    with anyio.fail_after(20):
        finished = await run_child(shell(script), folder=tmp_path, timeout_s=60)
    assert finished.returncode == 0
    wait_until_gone(int((tmp_path / "inner").read_text()))


async def test_what_leaves_the_group_holds_nobody_up(tmp_path: Path) -> None:
    """A grandchild in a session of its own keeps our pipes open; we do not wait for it."""
    script = f"setsid sleep 20 & echo $! > {tmp_path}/inner; exit 0"
    with anyio.fail_after(10):
        finished = await run_child(shell(script), folder=tmp_path, timeout_s=60)
    assert finished.returncode == 0
    os.kill(int((tmp_path / "inner").read_text()), signal.SIGKILL)


async def test_a_signal_shows_in_the_status(tmp_path: Path) -> None:
    """Negative, as everywhere in Python."""
    finished = await run_child(shell("kill -9 $$"), folder=tmp_path, timeout_s=10)
    assert finished.returncode == -signal.SIGKILL


def test_a_killed_parent_takes_its_children_along(tmp_path: Path) -> None:
    """Kill -9 of the process that runs a child leaves no orphan."""
    script = f"echo $$ > {tmp_path}/child; exec sleep 600"
    program = (
        "import anyio, pathlib\n"
        "from oven.adapters.process import AWAITED_NICENESS, NICENESS, run_child\n"
        f"anyio.run(lambda: run_child({shell(script)!r}, folder=pathlib.Path('/'), timeout_s=60))\n"
    )
    with subprocess.Popen([sys.executable, "-c", program]) as parent:
        child = anyio.run(wait_for_pid, tmp_path / "child")
        assert is_running(child)
        parent.kill()
    wait_until_gone(child)


def test_this_machine_has_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a machine without setpriv says so."""
    assert missing_programs() == []
    monkeypatch.setattr("oven.adapters.process.ENVIRONMENT", {"PATH": os.devnull})
    assert missing_programs() == ["setpriv", "prlimit", "unshare"]


@pytest.mark.parametrize("niceness", [NICENESS, AWAITED_NICENESS])
async def test_children_give_way(tmp_path: Path, niceness: int) -> None:
    """They, and their session where the kernel groups by it, are nicer than we are; some less than others."""
    lines = Lines()
    # What it reads is only written once it has been made nicer.
    script = "read x; nice; cat /proc/self/autogroup 2>/dev/null"
    await run_child(
        shell(script), folder=tmp_path, timeout_s=9, stdin=b"go\n", on_line=lines.take, niceness=niceness
    )
    assert int(lines[0]) == os.nice(0) + niceness
    assert all(line.endswith(f"nice {niceness}") for line in lines[1:])
