"""How many may watch."""

import pytest

from oven.domain.errors import Code, TransientError
from oven.doors.watchers import Watchers


def test_one_bound_for_all() -> None:
    """Who comes too late is told so; who leaves, however that was, makes room."""
    watchers = Watchers(most=2)
    with watchers.one_more():
        with pytest.raises(ConnectionError), watchers.one_more():
            with pytest.raises(TransientError) as caught, watchers.one_more():
                pass
            assert caught.value.code is Code.TOO_MANY_WATCHERS
            raise ConnectionError
        with watchers.one_more():
            assert watchers.count == 2
    assert watchers.count == 0
