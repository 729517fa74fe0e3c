"""Secrets at rest."""

import stat
from pathlib import Path

import pytest

from oven.adapters.sealing import KEY_FILE, open_sealer
from oven.domain.errors import Code, FaultError


def test_sealed_and_opened(tmp_path: Path) -> None:
    """Also by the next process; what is stored does not show it."""
    sealed = open_sealer(tmp_path).seal("sésame")
    assert "sésame" not in sealed
    assert open_sealer(tmp_path).open(sealed) == "sésame"


def test_the_key_is_ours_alone(tmp_path: Path) -> None:
    """Readable by nobody else."""
    open_sealer(tmp_path)
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600


def test_another_key(tmp_path: Path) -> None:
    """Is told, not guessed around."""
    sealed = open_sealer(tmp_path).seal("x")
    (tmp_path / KEY_FILE).unlink()
    with pytest.raises(FaultError) as caught:
        open_sealer(tmp_path).open(sealed)
    assert caught.value.code is Code.STORE_CORRUPT


def test_a_key_that_has_gone(tmp_path: Path) -> None:
    """Is not made anew where secrets may have been sealed with it, but when an operator says so."""
    with pytest.raises(FaultError) as caught:
        open_sealer(tmp_path, is_new=False)
    assert caught.value.code is Code.STORE_CORRUPT
    assert list(tmp_path.iterdir()) == []
    (tmp_path / KEY_FILE).touch()
    sealed = open_sealer(tmp_path, is_new=False).seal("x")
    assert open_sealer(tmp_path, is_new=False).open(sealed) == "x"


@pytest.mark.parametrize("key", [b"short", b"\xff" * 44, b"x" * 44 + b"\n"])
def test_a_damaged_key(tmp_path: Path, key: bytes) -> None:
    """Is told in a sentence, and left as it is."""
    (tmp_path / KEY_FILE).write_bytes(key)
    with pytest.raises(FaultError) as caught:
        open_sealer(tmp_path)
    assert caught.value.code is Code.STORE_CORRUPT
    assert (tmp_path / KEY_FILE).read_bytes() == key


def test_queries_are_sealed(tmp_path: Path) -> None:
    """Where a URL leads can be read, its query cannot; what was stored before that is still understood."""
    sealer = open_sealer(tmp_path)
    for url in (
        "https://h/x?sig=CANARY&a=%2F?b",
        "https://h/x?",
        "https://h/x",
        "https://h/x?oven-sealed=CANARY",
    ):
        sealed = sealer.seal_url(url)
        assert sealed.startswith("https://h/x")
        assert "CANARY" not in sealed
        assert sealer.open_url(sealed) == url
    assert sealer.open_url("https://h/x?sig=plain") == "https://h/x?sig=plain"
    (tmp_path / "other").mkdir()
    other = open_sealer(tmp_path / "other")
    with pytest.raises(FaultError) as caught:
        other.open_url(sealer.seal_url("https://h/x?a"))
    assert caught.value.code is Code.STORE_CORRUPT
