"""Words of strangers, made safe to show."""


def printable(text: str) -> str:
    """Escape what could move a terminal's cursor or fake a line: every character that is not printed."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
