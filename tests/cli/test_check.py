"""`oven check`."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from oven.adapters.database.file import prepare
from tests.commands import run


def test_check(environment: dict[str, str], tmp_path: Path) -> None:
    """Status 0 where all is right, 1 where not; touches nothing."""
    done = run("check", env=environment, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("ok   ffmpeg: ")
    bad = run("check", "--json", env=environment | {"OVEN_FFPROBE": "/nowhere"}, cwd=tmp_path)
    assert bad.returncode == 1
    said = json.loads(bad.stdout)
    assert said["ok"] is False
    assert [check["name"] for check in said["checks"] if not check["ok"]] == ["ffprobe"]


def test_check_names_every_mistake(environment: dict[str, str], tmp_path: Path) -> None:
    """In the settings, all at once."""
    done = run("check", env=environment | {"OVEN_BAKE_SCALE": "x", "OVEN_SPEED": "9"}, cwd=tmp_path)
    assert done.returncode == 1
    assert "FAIL settings: 2 mistakes in the settings: OVEN_SPEED" in done.stdout
    assert "OVEN_BAKE_SCALE" in done.stdout


def test_settings_of_a_file(environment: dict[str, str], tmp_path: Path) -> None:
    """Count as those of the environment do; mistakes are told without their values."""
    file = tmp_path / "oven.env"
    file.write_text("OVEN_FFPROBE=/nowhere  # not here\n")
    done = run("check", env=environment | {"OVEN_ENV_FILE": str(file)}, cwd=tmp_path)
    assert "FAIL ffprobe: " in done.stdout
    file.write_text("OVEN_BAKE_SCALE=canary\n")
    done = run("check", env=environment | {"OVEN_ENV_FILE": str(file)}, cwd=tmp_path)
    assert f"FAIL settings: 1 mistake in the settings: OVEN_BAKE_SCALE in {file} must be" in done.stdout
    assert "canary" not in done.stdout + done.stderr


def test_the_database(environment: dict[str, str], tmp_path: Path) -> None:
    """Is looked at where there is one; a newer Oven's cannot be taken over."""
    given = environment | {"OVEN_DATA_DIR": str(tmp_path / "data"), "OVEN_LOG_DIR": "/dev/null/log"}
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "oven.db"
    prepare(file)
    said = run("check", env=given, cwd=tmp_path).stdout
    assert f"ok   database: {file.stat().st_size:,} bytes, this release's schema (0" in said
    assert "FAIL OVEN_LOG_DIR: /dev/null/log cannot be written to" in said
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    done = run("check", "--json", env=given, cwd=tmp_path)
    assert done.returncode == 1
    (found,) = [check for check in json.loads(done.stdout)["checks"] if check["name"] == "database"]
    assert found["found"] == "the database was written by a newer Oven (its schema is 9999) [STORE_TOO_NEW]"
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["oven.db"]


def test_live(environment: dict[str, str], tmp_path: Path) -> None:
    """Warnings do not fail it; they are told apart."""
    done = run("check", "--live", "--json", env=environment, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    said = json.loads(done.stdout)
    assert {"libx264", "aac", "production"} <= {found["name"] for found in said["checks"]}
    assert {found["name"] for found in said["checks"] if found["warning"]} == {"production"}
    plain = run("check", "--live", env=environment, cwd=tmp_path)
    assert "warn production: CALLBACK_SECRET is not set" in plain.stdout
