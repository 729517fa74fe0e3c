"""The daemon put together; what it does stands in tests/faults and tests/doors."""

import os
import time
from pathlib import Path

import aiohttp

from oven.app import work_root
from oven.settings import read_settings
from tests.commands import OVEN, run
from tests.daemons import running_daemon


def test_it_starts_and_stops(tmp_path: Path) -> None:
    """Told to stop it exits with 0 and leaves its data."""
    with running_daemon(tmp_path / "data") as daemon:
        assert daemon.stop() == 0
    assert {"oven.db", "secret.key", "lock"} <= {file.name for file in (tmp_path / "data").iterdir()}


async def test_what_is_missing_makes_health_red(tmp_path: Path) -> None:
    """503, with the code of each thing that is not right; submission goes on."""
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\necho 'ffmpeg version 6.1'\n")
    program.chmod(0o755)
    settings = {"OVEN_FFMPEG": str(program), "OVEN_MIN_FREE_BYTES": str(1 << 40)}
    with running_daemon(tmp_path / "data", **settings) as daemon:
        program.unlink()
        async with aiohttp.ClientSession() as client, client.get(f"{daemon.base}/health") as answer:
            assert answer.status == 503
            checks = (await answer.json())["checks"]
    assert {name for name, found in checks.items() if found == "ok"} == {"database", "engine", "storage"}
    assert (checks["ffmpeg"], checks["disk"]) == ("ENCODER_UNAVAILABLE", "DISK_FULL")


def test_its_log_in_a_file(tmp_path: Path) -> None:
    """Is what stderr gets, from the first word to the last; a folder that cannot be is no reason to stop."""
    data, folder = tmp_path / "data", tmp_path / "log"
    with running_daemon(data, OVEN_LOG_DIR=str(folder)) as daemon:
        assert daemon.stop() == 0
    assert (folder / "oven.log").read_text() == data.with_suffix(".log").read_text()
    assert '"event": "daemon_stopped"' in (folder / "oven.log").read_text()
    with running_daemon(data, OVEN_LOG_DIR="/dev/null/log") as daemon:
        assert daemon.stop() == 0


def test_behind_a_proxy(tmp_path: Path) -> None:
    """On a socket in a folder that is there, also after a kill; the admin's token is read from the file."""
    (tmp_path / "run").mkdir(mode=0o750)
    path, secrets = tmp_path / "run" / "oven.sock", tmp_path / "oven.env"
    secrets.write_text("OVEN_ADMIN_TOKEN=token with spaces  # of the vault\nPORT=3000\nTEMP_DIR=/tmp\n")
    given = {
        "OVEN_SOCKET": str(path),
        "OVEN_PUBLIC_URL": "https://oven.example.com",
        "TEMP_DIR": str(tmp_path / "temp"),
    }
    command = ["sh", "-c", 'umask 077; exec "$@"', "-", *OVEN]
    for _ in range(2):
        with running_daemon(tmp_path / "data", oven=command, OVEN_ENV_FILE=str(secrets), **given) as daemon:
            assert daemon.base == f"unix:{path}"
            assert path.stat().st_mode & 0o777 == 0o660
            asking = {"PATH": os.environ["PATH"], **given}
            refused = run("jobs", "list", env=asking, cwd=tmp_path)
            assert refused.returncode == 1
            answered = run("jobs", "list", env=asking | {"OVEN_ENV_FILE": str(secrets)}, cwd=tmp_path)
            assert (answered.returncode, answered.stderr) == (0, "")
            daemon.kill()
            assert path.exists()


async def test_a_database_elsewhere(tmp_path: Path) -> None:
    """Its folder is made; the rest stays in the data directory."""
    place = tmp_path / "elsewhere" / "o.db"
    with running_daemon(tmp_path / "data", DATABASE_URL=f"sqlite:///{place}") as daemon:
        assert daemon.stop() == 0
    assert place.exists()
    assert not (tmp_path / "data" / "oven.db").exists()


def test_others_files_in_temp_dir_are_left_alone(tmp_path: Path) -> None:
    """TEMP_DIR is everybody's: what the daemon sweeps at its start is in a folder of its own."""
    temp = tmp_path / "temp"
    (temp / "somebodys").mkdir(parents=True)
    (temp / "somebodys" / "file").write_bytes(b"dear")
    (temp / "note.txt").write_bytes(b"dear")
    data = tmp_path / "data"
    left = work_root(read_settings({"TEMP_DIR": str(temp), "OVEN_DATA_DIR": str(data)})) / "ended"
    left.mkdir(parents=True)
    with running_daemon(data, TEMP_DIR=str(temp)) as daemon:
        deadline = time.monotonic() + 20
        while left.exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert daemon.stop() == 0
    assert (temp / "somebodys" / "file").read_bytes() == b"dear"
    assert (temp / "note.txt").exists()


def test_two_daemons_may_share_temp_dir() -> None:
    """Each data directory has its own folder in there, the same after every restart."""
    settings = [read_settings({"TEMP_DIR": "/t", "OVEN_DATA_DIR": f"/{name}"}) for name in ("a", "b", "a")]
    first, second, again = map(work_root, settings)
    assert first == again != second
    assert first.parent == Path("/t")
    assert work_root(read_settings({"OVEN_DATA_DIR": "/a"})) == Path("/a/work")
