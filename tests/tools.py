"""Programs that the tests run and that setup.sh may have unpacked beside the packages."""

import shutil
from pathlib import Path

UNPACKED = Path(__file__).parents[1] / ".venv" / "tools" / "usr" / "bin"


def tool(name: str) -> str:
    """Give the path of a program, this machine's own before the one that was unpacked."""
    return shutil.which(name) or str(UNPACKED / name)
