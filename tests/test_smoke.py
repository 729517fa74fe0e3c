"""The sample tape bakes."""

import oven


def test_version() -> None:
    """Oven has a version."""
    assert oven.__version__
