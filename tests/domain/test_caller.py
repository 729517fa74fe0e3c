"""Who asks."""

import pytest

from oven.domain.caller import ADMIN, Scope, is_owner


def test_the_admin() -> None:
    """Is nobody's owner, and may do all."""
    assert ADMIN.owner is None
    assert ADMIN.scopes == set(Scope)


@pytest.mark.parametrize("text", ["alice", "auth0|507f", "9b2d…", "a b", "3f6c0e2a-1b0d-4c55", "x" * 255])
def test_who_can_be_an_owner(text: str) -> None:
    """Whoever can name a folder."""
    assert is_owner(text)


@pytest.mark.parametrize("text", ["", ".", "..", "a/b", "a\\b", "a\nb", "a\x7f", "\u202ea", "x" * 256])
def test_who_cannot(text: str) -> None:
    """What leads out of a folder, is none, or hides."""
    assert not is_owner(text)
