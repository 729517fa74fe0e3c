"""The progress of a whole job."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oven.pipeline.progress import Progress
from oven.recipes.plan import Phase, Publish, Target

PHASES = (Phase("fetch", 1), Phase("encode", 8), Phase("publish", 1))


def step(name: str, phase: str) -> Publish:
    return Publish(
        artifact="video",
        name=name,
        phase=phase,
        source="a/b",
        target=Target("b", "k"),
        content_type="x",
        is_public=True,
    )


def test_phases_weigh_their_share() -> None:
    """A phase is as far as the mean of its known steps."""
    progress = Progress(PHASES)
    progress.update(step("a", "fetch"), 1)
    assert progress.fraction == pytest.approx(0.1)
    assert progress.phase == "fetch"
    progress.update(step("b", "encode"), 0.5)
    assert progress.fraction == pytest.approx(0.5)
    assert progress.phase == "encode"
    progress.update(step("c", "publish"), 1)
    progress.update(step("b", "encode"), 1)
    assert progress.fraction == pytest.approx(1.0)
    assert progress.phase == "publish"


@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.sampled_from(PHASES), st.floats(allow_nan=False)), max_size=40
    )
)
def test_it_never_falls(updates: list[tuple[str, Phase, float]]) -> None:
    """Whatever steps report, in whatever order, and however many appear late."""
    progress, seen = Progress(PHASES), [0.0]
    for name, phase, fraction in updates:
        progress.update(step(name, phase.name), fraction)
        seen.append(progress.fraction)
    assert seen == sorted(seen)
    assert seen[-1] <= 1
