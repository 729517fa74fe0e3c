"""The end of a daemon's work; that jobs are let end, or handed back, stands in tests/faults/test_daemon."""

from oven.adapters.callbacks import DRAIN_S
from oven.adapters.progress_posts import DRAIN_S as POSTS_DRAIN_S
from oven.daemon import UNANSWERED_S
from oven.engines.embedded import HAND_BACK_S
from oven.engines.stopping import REST_S


def test_what_is_asked_for_is_enough() -> None:
    """The service manager is told of all that comes after the jobs' own time."""
    assert max(DRAIN_S, POSTS_DRAIN_S) + HAND_BACK_S + UNANSWERED_S <= REST_S
