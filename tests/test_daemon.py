"""The daemon put together; what it does stands in tests/faults and tests/doors."""

from pathlib import Path

from tests.daemons import running_daemon


def test_it_starts_and_stops(tmp_path: Path) -> None:
    """Told to stop it exits with 0 and leaves its data."""
    with running_daemon(tmp_path / "data") as daemon:
        assert daemon.stop() == 0
    assert {"oven.db", "secret.key", "lock"} <= {file.name for file in (tmp_path / "data").iterdir()}
