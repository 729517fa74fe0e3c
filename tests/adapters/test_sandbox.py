"""Bounds around children."""

import signal
import socket
import sys
from pathlib import Path

import pytest

from oven.adapters import sandbox as module
from oven.adapters.process import run_child
from oven.adapters.sandbox import Bounds, Sandbox, find_sandbox

BOUNDS = Bounds(memory_bytes=512 << 20, cpu_s=1.0, file_bytes=1_000_000)


async def run(folder: Path, program: str, sandbox: Sandbox, bounds: Bounds = BOUNDS) -> tuple[int, str]:
    command = [sys.executable, "-I", "-c", program]
    finished = await run_child(command, folder=folder, timeout_s=20, around=sandbox.around(bounds))
    return finished.returncode, finished.stderr


@pytest.mark.parametrize(
    ("program", "status", "said"),
    [
        ("pass", 0, ""),
        ("bytearray(1 << 30)", 1, "MemoryError"),
        ("while True: pass", -signal.SIGKILL, ""),
        ("open('f', 'wb').write(bytes(2_000_000))", 1, "File too large"),
        ("kept = [open('/dev/null') for _ in range(300)]", 1, "Too many open files"),
        ("import resource; assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)", 0, ""),
    ],
)
async def test_what_a_child_may_use(tmp_path: Path, program: str, status: int, said: str) -> None:
    """Memory, time, the size of a file, open files, no core: each ends there."""
    returncode, stderr = await run(tmp_path, program, Sandbox())
    assert returncode == status, stderr
    assert said in stderr


async def test_no_network(tmp_path: Path) -> None:
    """Not even loopback, where the machine allows it; else it is said."""
    found = await find_sandbox()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        program = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"
        assert (await run(tmp_path, program, Sandbox()))[0] == 0
        if found.network:
            returncode, said = await run(tmp_path, program, found)
            assert returncode == 1
            assert "Network is unreachable" in said or "Cannot assign" in said
    assert ("no network" in found.description) == bool(found.network)


async def test_a_machine_that_does_not_allow_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goes without."""
    monkeypatch.setattr(module, "NAMESPACES", (("false",), ("/nowhere/unshare",)))
    assert (await find_sandbox()).network == ()
