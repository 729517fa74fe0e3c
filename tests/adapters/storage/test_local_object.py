"""One object on its way into a folder."""

from pathlib import Path

import pytest

from oven.adapters.storage.local_object import begin, take_back


def test_one_that_is_discarded_on_a_full_disk(tmp_path: Path) -> None:
    """Leaves nothing, although its last bytes cannot be written."""
    staged = begin(tmp_path / "object")
    staged.file.close()
    staged.file = Path("/dev/full").open("wb")  # noqa: SIM115 - closed by it
    staged.file.write(b"x")
    staged.discard()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("is_alive", [True, False])
def test_what_is_taken_back(tmp_path: Path, *, is_alive: bool) -> None:
    """Only what no living process has locked."""
    staged = begin(tmp_path / "below" / "object")
    if not is_alive:
        staged.file.close()
    assert take_back([tmp_path]) == (0 if is_alive else 1)
    assert staged.temporary.exists() == is_alive
    staged.discard()
