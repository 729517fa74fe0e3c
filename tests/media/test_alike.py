"""Runs of frames that are one."""

from oven.media.alike import first_alike


def test_runs() -> None:
    """Each frame of a run is its first; what comes again later, and what has no digest, is itself."""
    assert first_alike("abcdefg", ["x", "x", "x", "y", "x", None, None]) == tuple("aaadefg")
    assert first_alike("", []) == ()
