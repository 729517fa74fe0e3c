"""The identity of a step's outcome."""

from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from oven.pipeline.digest import identity, step_digest
from oven.recipes.steps import Link, TakeLocal
from tests.recipes.test_steps import ENCODE

IDENTITIES = {"extract": "e1", "take": "t1"}
VERSIONS = {"ffmpeg": "5.1"}


def test_the_same_again_is_the_same() -> None:
    """In every process, for it is what finished work is found by."""
    digest = step_digest(ENCODE, IDENTITIES, VERSIONS)
    assert digest == step_digest(replace(ENCODE), IDENTITIES, VERSIONS)
    assert len(digest) == 64


def test_whatever_changes_the_outcome_changes_it() -> None:
    """The step, what it reads, the tools; not what it does not read."""
    digests = {
        step_digest(ENCODE, IDENTITIES, VERSIONS),
        step_digest(replace(ENCODE, arguments=("-i", "y")), IDENTITIES, VERSIONS),
        step_digest(replace(ENCODE, links=(Link("extract/0.png", "in/0.png", 1),)), IDENTITIES, VERSIONS),
        step_digest(ENCODE, IDENTITIES | {"extract": "e2"}, VERSIONS),
        step_digest(ENCODE, IDENTITIES, {"ffmpeg": "6.1"}),
    }
    assert len(digests) == 5
    assert step_digest(ENCODE, IDENTITIES | {"take": "t2"}, VERSIONS) in digests


def test_what_was_brought_in_is_known_by_its_content() -> None:
    """Not by where it came from."""
    assert identity("d", {"sha256": "content"}) == "content"
    assert identity("d", {"sizeBytes": 1}) == "d"


def test_steps_are_plain_data() -> None:
    """A path in a step is a mistake of ours, and is told."""
    step = TakeLocal(name="t", phase="p", path=PurePosixPath("/x"), file="f", max_bytes=1)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        step_digest(step, {}, {})
