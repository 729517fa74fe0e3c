"""Words of strangers."""

from oven.domain.text import printable


def test_control_characters_are_escaped() -> None:
    """Also those that only look like nothing."""
    assert printable("a\x1b[31m\n\u202eé") == "a\\x1b[31m\\n\\u202eé"
