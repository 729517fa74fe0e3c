"""How deep parsed JSON may be nested: nothing that is honest comes near it."""

from collections.abc import Iterable, Mapping

MAX_DEPTH = 20


def is_too_deep(value: object, depth: int = MAX_DEPTH) -> bool:
    """Whether arrays and objects stand in one another more than `depth` times."""
    inner: Iterable[object] = ()
    if isinstance(value, Mapping):
        inner = value.values()
    elif isinstance(value, list):
        inner = value
    else:
        return False
    return depth <= 0 or any(is_too_deep(part, depth - 1) for part in inner)
