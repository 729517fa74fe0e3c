"""`oven check`."""

import json
from pathlib import Path

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


def test_live(environment: dict[str, str], tmp_path: Path) -> None:
    """Warnings do not fail it; they are told apart."""
    done = run("check", "--live", "--json", env=environment, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    said = json.loads(done.stdout)
    assert {"libx264", "aac", "production"} <= {found["name"] for found in said["checks"]}
    assert {found["name"] for found in said["checks"] if found["warning"]} == {"production"}
    plain = run("check", "--live", env=environment, cwd=tmp_path)
    assert "warn production: CALLBACK_SECRET is not set" in plain.stdout
