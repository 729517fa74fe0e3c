"""The identity of a step's outcome: what it does, to which content, with which tools."""

import hashlib
from collections.abc import Mapping

import orjson

from oven.recipes.plan import Result
from oven.recipes.steps import Step


def step_digest(step: Step, identities: Mapping[str, str], versions: Mapping[str, str]) -> str:
    """Give 64 hex digits that differ wherever the outcome may.

    Args:
        step: the step, whose references begin with names of earlier steps.
        identities: of each earlier step, by name.
        versions: of the tools.

    """
    earlier = sorted({reference.split("/", 1)[0] for reference in step.sources})
    described = {
        "kind": type(step).__name__,
        "step": step,
        "inputs": {name: identities[name] for name in earlier},
        "versions": dict(versions),
    }
    plain = orjson.dumps(described, default=_plain, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(plain).hexdigest()


def identity(digest: str, result: Result) -> str:
    """Give what later steps know a finished step by: the content it brought in, else its own digest."""
    return str(result.get("sha256", digest))


def _plain(value: object) -> tuple[object, ...]:
    """Write named tuples as arrays, which orjson leaves to its caller."""
    if isinstance(value, tuple):
        return tuple(value)
    raise TypeError(f"a step holds a {type(value).__name__}, which is not plain data")
