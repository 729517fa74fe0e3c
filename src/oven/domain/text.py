"""Words of strangers, made safe to show."""

import re

# Up to the next space: quotes and brackets may be in a query as well as around it.
QUERY = re.compile(r"(https?://[^\s?]+)\?\S*")


def printable(text: str) -> str:
    """Escape what could move a terminal's cursor or fake a line: every character that is not printed."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def without_queries(text: str) -> str:
    """Leave the queries of URLs out, which may be signatures and tokens."""
    return QUERY.sub(r"\1?…", text)


def clipped(text: str, max_chars: int) -> str:
    """Cut a text that is longer than `max_chars`, and show that it is cut.

    >>> clipped("too long a text", 8)
    'too lon…'
    """
    return text if len(text) <= max_chars else f"{text[: max_chars - 1]}…"
