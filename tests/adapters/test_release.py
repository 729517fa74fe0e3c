"""Which code this is."""

from pathlib import Path

import pytest

import oven
from oven.adapters.release import release_digest


def test_it_changes_with_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With any file's words or name, and with nothing else."""
    before = release_digest()
    assert release_digest() == before
    assert len(before) == 64
    package = tmp_path / "oven"
    (package / "media").mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.setattr(oven, "__file__", str(package / "__init__.py"))
    digests = [before, release_digest()]
    profile = package / "media" / "encode.py"
    for words in ("CRF = 31\n", "CRF = 23\n"):
        profile.write_text(words)
        digests.append(release_digest())
    digests.append((profile.rename(package / "encode.py"), release_digest())[1])
    assert len(set(digests)) == 5
    (package / "notes.txt").write_text("x")
    assert release_digest() == digests[-1]
