"""What tests of commands share."""

import os
from pathlib import Path

import pytest


@pytest.fixture
def environment(work: Path) -> dict[str, str]:
    """A clean environment for a command."""
    return {"PATH": os.environ["PATH"], "TEMP_DIR": str(work), "LANG": "C.UTF-8", "COLUMNS": "200"}
