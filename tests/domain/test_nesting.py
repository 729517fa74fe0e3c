"""How deep JSON may be nested."""

import pytest

from oven.domain.nesting import is_too_deep


@pytest.mark.parametrize("kind", [lambda inner: [1, inner], lambda inner: {"a": inner, "b": 2}])
def test_depth(kind: object) -> None:
    """Counted by what stands in one another, not by what stands side by side."""
    value: object = 7
    for depth in range(1, 30):
        assert callable(kind)
        value = kind(value)
        assert is_too_deep(value) == (depth > 20)
        assert is_too_deep(value, 3) == (depth > 3)
    assert not is_too_deep([[[7]] * 100] * 100, 3)
