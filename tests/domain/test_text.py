"""Words of strangers."""

from oven.domain.text import printable, without_queries


def test_control_characters_are_escaped() -> None:
    """Also those that only look like nothing."""
    assert printable("a\x1b[31m\n\u202eé") == "a\\x1b[31m\\n\\u202eé"


def test_queries_are_left_out() -> None:
    """Of every URL in a text, and nothing else of it."""
    text = "URL('https://a.b/c?sig=CANARY&x=1') and http://h:1/it's/?a'CANARY<\"CANARY>, what? https://a/b"
    assert without_queries(text) == "URL('https://a.b/c?… and http://h:1/it's/?… what? https://a/b"
