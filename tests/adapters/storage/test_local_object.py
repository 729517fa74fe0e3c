"""One object on its way into a folder."""

from pathlib import Path

import anyio
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


async def test_many_that_begin_the_same_at_once(tmp_path: Path) -> None:
    """None takes another's file for abandoned, although each has a moment without a lock."""

    def store() -> None:
        for _ in range(200):
            staged = begin(tmp_path / "object")
            staged.append(b"x")
            staged.settle()
            staged.discard()

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(anyio.to_thread.run_sync, store)
    assert [path.name for path in tmp_path.iterdir()] == ["object"]
