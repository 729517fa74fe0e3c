"""What commands print, where printing is not easy."""

import subprocess
from pathlib import Path

import pytest

import oven
from tests.commands import OVEN, run


def test_version(environment: dict[str, str], tmp_path: Path) -> None:
    """On stdout, and nothing else."""
    done = run("--version", env=environment, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"oven {oven.__version__}\n")


def test_usage(environment: dict[str, str], tmp_path: Path) -> None:
    """A command that is not understood ends with status 2."""
    assert run("bake", env=environment, cwd=tmp_path).returncode == 2
    assert run("fry", env=environment, cwd=tmp_path).returncode == 2


def test_help_tells_defaults(environment: dict[str, str], tmp_path: Path) -> None:
    """And what a value looks like."""
    said = run("bake", "--help", env=environment, cwd=tmp_path).stdout
    assert "1 to 32 [default: 3]" in said
    assert "WxH" in said


def test_a_sign_that_the_terminal_lacks(environment: dict[str, str], tmp_path: Path) -> None:
    """It is replaced, and the command goes on."""
    narrow = environment | {"PYTHONIOENCODING": "ascii"}
    done = run("bake", "×.zip", "-o", "o.mp4", env=narrow, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("oven: ?.zip does not exist [NOT_FOUND]\n")


@pytest.mark.parametrize(
    ("redirect", "reason"), [(">/dev/full", "no space left on device"), (">&-", "it is closed")]
)
def test_no_room_to_say_it(environment: dict[str, str], tmp_path: Path, redirect: str, reason: str) -> None:
    """One sentence, no traceback, status 1."""
    command = f"{' '.join(OVEN)} check {redirect}"
    done = subprocess.run(
        ["/bin/sh", "-c", command], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == f"oven: stdout cannot be written to: {reason}\n"
