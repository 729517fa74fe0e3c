"""Child processes that never outlive their scope, nor the daemon."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import anyio
import anyio.lowlevel
from anyio.abc import ByteReceiveStream, Process

# Of what a child says on stderr, the end is kept; that is where the reason stands.
STDERR_KEPT_BYTES = 65_536
# A line of a child's output that grows beyond this is not a line.
LINE_LIMIT_BYTES = 1_048_576
# How long a killed child may take to go: the kernel may be writing for it.
REAP_TIMEOUT_S = 30.0
# How long an ended child's pipes are still read.
PIPE_GRACE_S = 2.0
NICENESS = 10
# Of what somebody waits for: before the work that goes on beside, and after us.
AWAITED_NICENESS = 5
STARTERS = ("setpriv", "prlimit", "unshare")
# How often the timers look.
TICK_S = 0.25
# What a child sees of our environment: nothing that holds a secret.
ENVIRONMENT: Mapping[str, str] = {
    "PATH": os.environ.get("PATH", os.defpath),
    "LANG": "C.UTF-8",
    # SVT-AV1 heeds no other wish to be quiet: errors alone.
    "SVT_LOG": "1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a child ended: its exit status (negative for a signal) and the end of its stderr."""

    returncode: int
    stderr: str
    seconds: float


def missing_programs() -> list[str]:
    """Name what children are started with and this machine lacks."""
    return [name for name in STARTERS if not shutil.which(name, path=ENVIRONMENT["PATH"])]


class OverdueError(Exception):
    """A child that was killed because it took too long."""

    def __init__(self, *, stalled: bool, after_s: float, stderr: str) -> None:
        super().__init__(f"{'no movement' if stalled else 'not finished'} after {after_s:g} s")
        self.stalled = stalled
        self.after_s = after_s
        self.stderr = stderr


async def run_child(
    command: Sequence[str],
    *,
    folder: Path,
    timeout_s: float,
    stall_s: float | None = None,
    stdin: bytes | None = None,
    on_line: Callable[[str], bool] | None = None,
    on_stderr: Callable[[str], None] | None = None,
    around: Sequence[str] = (),
    niceness: int = NICENESS,
) -> Finished:
    """Run a program to its end, in its own process group, without a shell.

    The group is killed when the caller is cancelled, when a time runs out, when the program has ended
    but left children behind, and by the kernel when this process dies.

    Args:
        command: the program and its arguments.
        folder: where it runs.
        timeout_s: how long it may take.
        stall_s: how long it may go without movement, once it has moved; twice that before.
        stdin: what it reads; nothing when absent.
        on_line: takes each line of its stdout; true means that it moved.
        on_stderr: takes what it says on stderr, as it comes.
        around: words that stand before the command and confine it.
        niceness: how much it lets others go first.

    Raises:
        OverdueError: it was killed for taking too long.

    """
    began = time.monotonic()
    # Cancelled while it starts, it would be killed, but not what it has started itself by then.
    with anyio.CancelScope(shield=True):
        child = await anyio.open_process(
            # The death signal follows the thread that spawned: this is the event loop's.
            [*around, "setpriv", "--pdeathsig", "KILL", "--", *command],
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            cwd=folder,
            env=ENVIRONMENT,
            start_new_session=True,
        )
    _lower(child, niceness)
    watched = _Watched(
        child=child, began=began, timeout_s=timeout_s, stall_s=stall_s, on_line=on_line, on_stderr=on_stderr
    )
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(watched.watch_the_clock)
            async with anyio.create_task_group() as pipes:
                pipes.start_soon(watched.read_stdout)
                pipes.start_soon(watched.read_stderr)
                if stdin is not None:
                    pipes.start_soon(watched.write, stdin)
                await child.wait()
                # Whatever it left behind would hold our pipes open; what left its group may, a while.
                _kill_group(child)
                pipes.cancel_scope.deadline = anyio.current_time() + PIPE_GRACE_S
            group.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True), anyio.move_on_after(REAP_TIMEOUT_S):
            _kill_group(child)
            await child.aclose()
            await _close_pipes(child)
    if watched.overdue is not None:
        raise watched.overdue
    returncode = child.returncode
    if returncode is None:
        raise RuntimeError("a child that has ended has no exit status")
    return Finished(returncode=returncode, stderr=watched.stderr_text, seconds=time.monotonic() - began)


class _Watched:
    """A running child, its output and its timers."""

    def __init__(
        self,
        *,
        child: Process,
        began: float,
        timeout_s: float,
        stall_s: float | None,
        on_line: Callable[[str], bool] | None,
        on_stderr: Callable[[str], None] | None,
    ) -> None:
        self.child = child
        self.began = began
        self.timeout_s = timeout_s
        self.stall_s = stall_s
        self.on_line = on_line
        self.on_stderr = on_stderr
        self.moved_at: float | None = None
        self.overdue: OverdueError | None = None
        self._stderr = bytearray()

    @property
    def stderr_text(self) -> str:
        return self._stderr.decode("utf-8", "replace")

    async def write(self, stdin: bytes) -> None:
        pipe = self.child.stdin
        if pipe is not None:
            try:
                await pipe.send(stdin)
                await pipe.aclose()
            except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                return  # it ended without reading; its exit status tells why

    async def read_stderr(self) -> None:
        async for chunk in _chunks(self.child.stderr):
            if self.on_stderr is not None:
                self.on_stderr(chunk.decode("utf-8", "replace"))
            self._stderr += chunk
            del self._stderr[:-STDERR_KEPT_BYTES]

    async def read_stdout(self) -> None:
        rest = b""
        async for chunk in _chunks(self.child.stdout):
            *lines, rest = (rest + chunk).split(b"\n")
            rest = rest[-LINE_LIMIT_BYTES:]
            for line in lines:
                self._take(line)
        if rest:
            self._take(rest)

    def _take(self, line: bytes) -> None:
        if self.on_line is not None and self.on_line(line.decode("utf-8", "replace")):
            self.moved_at = time.monotonic()

    async def watch_the_clock(self) -> None:
        while True:
            left_s = self.began + self.timeout_s - time.monotonic()
            await anyio.sleep(min(TICK_S, max(0.0, left_s)))
            now = time.monotonic()
            stalled_after_s = self._stalled_after_s(now)
            if now - self.began < self.timeout_s and stalled_after_s is None:
                continue
            self.overdue = OverdueError(
                stalled=stalled_after_s is not None,
                after_s=self.timeout_s if stalled_after_s is None else stalled_after_s,
                stderr=self.stderr_text,
            )
            _kill_group(self.child)
            return

    def _stalled_after_s(self, now: float) -> float | None:
        """Give the limit that was passed without movement, if one was."""
        if self.stall_s is None:
            return None
        since, allowed_s = (
            (self.began, 2 * self.stall_s) if self.moved_at is None else (self.moved_at, self.stall_s)
        )
        return allowed_s if now - since >= allowed_s else None


async def _chunks(stream: ByteReceiveStream | None) -> AsyncIterator[bytes]:
    if stream is None:
        return
    try:
        async for chunk in stream:
            yield chunk
    except anyio.ClosedResourceError:
        return


def _lower(child: Process, niceness: int) -> None:
    """Let a child, and all that it starts, work while we have nothing to do: we answer people.

    Where the kernel groups processes by session, niceness counts between groups only as the group's own.
    """
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, child.pid, niceness)
        Path(f"/proc/{child.pid}/autogroup").write_text(str(niceness))


async def _close_pipes(child: Process) -> None:
    """Close pipes whose end was not read: else they are open until Python finds them, and complains."""
    transport = getattr(getattr(child, "_process", None), "_transport", None)
    if transport is not None:
        transport.close()
        # It is done in two turns of the loop.
        for _ in range(2):
            await anyio.lowlevel.checkpoint()


def _kill_group(child: Process) -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
