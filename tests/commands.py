"""The `oven` command as a process of its own."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

OVEN = [sys.executable, "-m", "oven"]


def run(*arguments: str | Path, env: Mapping[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; bytes that are no UTF-8 pass through."""
    return subprocess.run(
        [*OVEN, *map(str, arguments)],
        env=env,
        cwd=cwd,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
        timeout=50,
    )
