"""Values told apart by what they are."""

from functools import lru_cache
from typing import Any

from oven.recipes.same import Same


def test_only_the_very_same_is_the_same() -> None:
    """Not what merely looks like it, nor a value without its wrap."""
    one: list[int] = []
    assert Same(one) == Same(one)
    assert hash(Same(one)) == hash(Same(one))
    assert Same(one) != Same([])
    assert Same(one) != one


def test_what_follows_is_remembered() -> None:
    """Once for each object, though it does not hash."""
    asked = []

    @lru_cache(maxsize=2)
    def count(same: Same[dict[str, Any]]) -> int:
        asked.append(same.value)
        return len(same.value)

    one: dict[str, Any] = {"a": 1}
    assert [count(Same(one)), count(Same(one)), count(Same(dict(one)))] == [1, 1, 1]
    assert asked == [one, one]
