"""Asking the daemon, wherever it listens."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import run
from tests.daemons import running_daemon


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_nobody_there(environment: dict[str, str], tmp_path: Path, flags: list[str]) -> None:
    """Said in a sentence, with what to do."""
    done = run("jobs", "list", *flags, env=environment | {"PORT": "9"}, cwd=tmp_path)
    assert done.returncode == 1
    assert "no Oven answers at http://127.0.0.1:9" in done.stdout + done.stderr


def test_a_unix_socket(environment: dict[str, str], tmp_path: Path) -> None:
    """Who comes through it counts as public: the token is needed; the socket goes with the daemon."""
    place = {"OVEN_SOCKET": str(tmp_path / "o.sock"), "OVEN_PUBLIC_URL": "https://oven.example.com"}
    env = environment | place
    missing = run("jobs", "list", env=env, cwd=tmp_path)
    assert f"no Oven answers at unix:{tmp_path}/o.sock" in missing.stderr
    with running_daemon(tmp_path / "data", OVEN_ADMIN_TOKEN="sésame", **place) as daemon:
        refused = run("jobs", "list", env=env, cwd=tmp_path)
        assert (refused.returncode, "[AUTH_REQUIRED]" in refused.stderr) == (1, True)
        let_in = run("jobs", "list", "--json", env=env | {"OVEN_ADMIN_TOKEN": "sésame"}, cwd=tmp_path)
        assert let_in.returncode == 0, let_in.stderr
        assert daemon.stop() == 0
    assert not (tmp_path / "o.sock").exists()


@pytest.mark.parametrize(
    ("module", "unneeded"),
    [
        ("oven.cli", {"aiohttp", "botocore", "rich", "sqlalchemy", "structlog"}),
        ("oven.app", {"botocore", "rich", "sqlalchemy", "structlog"}),
    ],
)
def test_a_command_loads_what_it_needs(module: str, unneeded: set[str]) -> None:
    """Asking takes no server's parts, baking none of a store's: each costs the shell part of a second."""
    program = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert unneeded & set(done.stdout.split()) == set()
