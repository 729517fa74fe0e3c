"""The example of a site on Netlify, by its own tests, against a running Oven."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.daemons import running_daemon

EXAMPLE = Path(__file__).parents[2] / "examples" / "netlify"
SECRET = "the secret of both"


def node(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run Node in the example's folder, with these variables and no others."""
    program = shutil.which("node")
    assert program, "node is needed (./setup.sh test installs it)"
    return subprocess.run(
        [program, *arguments],
        cwd=EXAMPLE,
        env={"PATH": os.environ["PATH"], **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def test_the_examples_own_tests(tmp_path: Path) -> None:
    """All of them pass, by Node's own runner and nothing that has to be installed, and none is left out."""
    # They post one tape again and again: a copy ends before it could be found while it is active.
    with running_daemon(tmp_path / "data", CALLBACK_SECRET=SECRET, OVEN_REUSE="false") as daemon:
        done = node("--test", "--test-reporter=tap", OVEN_URL=daemon.base, CALLBACK_SECRET=SECRET)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    counts = {name: int(count) for name, count in re.findall(r"^# (\w+) (\d+)$", done.stdout, re.MULTILINE)}
    assert counts["pass"] == counts["tests"] > 80, said
    assert [counts[name] for name in ("fail", "cancelled", "skipped", "todo")] == [0, 0, 0, 0], said


def test_the_example_on_this_machine(tmp_path: Path) -> None:
    """The command of its README takes the sample tape all the way, and ends."""
    with running_daemon(tmp_path / "data", CALLBACK_SECRET=SECRET) as daemon:
        done = node("local/start.mjs", "../tape.zip", OVEN_URL=daemon.base, CALLBACK_SECRET=SECRET)
    assert done.returncode == 0, done.stderr
    assert '"state": "complete"' in done.stdout
    assert SECRET not in done.stdout + done.stderr


def test_what_the_example_is_made_of() -> None:
    """No lock file and no packages stand beside it, and every file is one that Node takes."""
    git = shutil.which("git")
    assert git
    listed = subprocess.run(
        [git, "ls-files", "examples/netlify"],
        cwd=EXAMPLE.parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    names = {Path(line).name for line in listed.stdout.splitlines()}
    assert not names & {"package-lock.json", "node_modules", "yarn.lock", "pnpm-lock.yaml"}
    for module in sorted(EXAMPLE.rglob("*.mjs")):
        if "node_modules" not in module.parts:
            checked = node("--check", str(module))
            assert checked.returncode == 0, checked.stderr
