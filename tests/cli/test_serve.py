"""`oven serve` as an operator meets it."""

import socket
from base64 import b64encode
from pathlib import Path

from oven.cli.serve import notes
from oven.settings import read_settings
from tests.commands import run


def test_what_an_operator_may_not_expect() -> None:
    """Open doors are told; set secrets are not repeated."""
    assert len(notes(read_settings({}))) == 5
    secrets = dict.fromkeys(("CALLBACK_SECRET", "MP4_SERVICE_TOKEN", "OVEN_ADMIN_TOKEN"), "canary")
    secrets["REPLICATE_WEBHOOK_SECRET"] = f"whsec_{b64encode(bytes(24)).decode()}"
    said = " ".join(notes(read_settings(secrets)))
    assert "open to clients" not in said
    assert "canary" not in said
    assert "/convert is closed" in " ".join(notes(read_settings(secrets | {"CALLBACK_AUTH_TOKEN": "canary"})))
    assert "REDIS_URL, WORKER_NAME: accepted, and not used" in " ".join(
        notes(read_settings({}), ["REDIS_URL", "WORKER_NAME"])
    )


def test_wrong_settings(environment: dict[str, str], tmp_path: Path) -> None:
    """All at once, and nothing is made."""
    done = run("serve", env=environment | {"PORT": "x", "OVEN_QUEUE_LIMIT": "0"}, cwd=tmp_path)
    assert done.returncode == 1
    assert "PORT is 'x'" in done.stderr
    assert "OVEN_QUEUE_LIMIT is '0'" in done.stderr
    assert not (tmp_path / "oven-data").exists()


def test_a_port_that_is_taken(environment: dict[str, str], tmp_path: Path) -> None:
    """Said in a sentence."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("serve", env=environment | {"PORT": port}, cwd=tmp_path)
    assert done.returncode == 1
    assert f"PORT {port}: address already in use" in done.stderr
